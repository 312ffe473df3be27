package dev.squint.vision.fuzz;

import dev.squint.vision.format.FileFormat;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Small sound files, each with the decoder that reads it, and damage to them that depends on a seed
 * alone.
 *
 * @param names of the files
 * @param files their bytes
 * @param kinds what each is: the format of a picture, or codec and container of a clip
 * @param byKind indices of the files of each kind
 */
record Corpus(
    List<String> names, List<byte[]> files, List<String> kinds, Map<String, List<Integer>> byKind) {

  private static final int MOST_CHANGES = 6;

  /** Takes the files of some folders that have at most so many bytes. */
  static Corpus of(int maxBytes, List<Path> folders) {
    List<String> names = new ArrayList<>();
    List<byte[]> files = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> all = Files.list(folder)) {
        for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
          if (Files.size(file) <= maxBytes && !file.toString().matches(".*\\.(json|md)")) {
            names.add(file.getFileName().toString());
            files.add(Files.readAllBytes(file));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    List<String> kinds = files.stream().map(Corpus::kind).toList();
    Map<String, List<Integer>> byKind = new LinkedHashMap<>();
    for (int i = 0; i < files.size(); i++) {
      byKind.computeIfAbsent(kinds.get(i), none -> new ArrayList<>()).add(i);
    }
    return new Corpus(names, files, kinds, byKind);
  }

  private static String kind(byte[] file) {
    FileFormat format = FileFormat.of(file);
    if (format.isPicture() || format == FileFormat.ANIMATED_WEBP) {
      return format.title();
    }
    try (Video video = new VideoReader().open(file, "a")) {
      return video.header().codec() + " in " + video.header().container().split(",", -1)[0];
    } catch (IllegalArgumentException refused) {
      return "refused";
    }
  }

  private int index(SplittableRandom random) {
    // Half of the time each decoder has the same chance, however many files there are for it.
    if (random.nextBoolean()) {
      return random.nextInt(files.size());
    }
    List<List<Integer>> lists = List.copyOf(byKind.values());
    List<Integer> kind = lists.get(random.nextInt(lists.size()));
    return kind.get(random.nextInt(kind.size()));
  }

  /** The name of the file that a seed damages. */
  String name(long seed) {
    return names.get(index(new SplittableRandom(seed)));
  }

  /** The kind of the file that a seed damages. */
  String kind(long seed) {
    return kinds.get(index(new SplittableRandom(seed)));
  }

  /** A damaged file. */
  byte[] damaged(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int index = index(random);
    List<Integer> alike = Objects.requireNonNull(byKind.get(kinds.get(index)));
    byte[] other =
        files.get(
            random.nextBoolean()
                ? alike.get(random.nextInt(alike.size()))
                : random.nextInt(files.size()));
    Damage damage = new Damage(random, other);
    byte[] file = files.get(index).clone();
    // After many changes a file is mostly refused at its start.
    int changes = random.nextBoolean() ? 1 : 1 + random.nextInt(MOST_CHANGES);
    for (int i = 0; i < changes && file.length > 0; i++) {
      file = damage.to(file);
    }
    // A wrong checksum alone would keep much damage from the code behind it.
    return random.nextInt(4) == 0 ? file : Checksums.mended(file);
  }
}
