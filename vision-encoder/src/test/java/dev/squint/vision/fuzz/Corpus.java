package dev.squint.vision.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Small sound files, and damage to them that depends on a seed alone.
 *
 * @param names of the files
 * @param files their bytes
 */
record Corpus(List<String> names, List<byte[]> files) {

  private static final int MAX_BYTES = 64 << 10;
  private static final int MOST_CHANGES = 8;

  /** What breaks parsers most often: ends of ranges and lengths. */
  private static final int[] VALUES = {0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0x40};

  /** Takes the files of some folders, without those that are large. */
  static Corpus of(Path... folders) {
    List<String> names = new ArrayList<>();
    List<byte[]> files = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> all = Files.list(folder)) {
        for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
          if (Files.size(file) <= MAX_BYTES && !file.toString().endsWith(".json")) {
            names.add(file.getFileName().toString());
            files.add(Files.readAllBytes(file));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new Corpus(names, files);
  }

  /** The name of the file that a seed damages. */
  String name(long seed) {
    return names.get(new Random(seed).nextInt(files.size()));
  }

  /** A damaged file. */
  byte[] damaged(long seed) {
    Random random = new Random(seed);
    byte[] file = files.get(random.nextInt(files.size())).clone();
    int changes = 1 + random.nextInt(MOST_CHANGES);
    for (int i = 0; i < changes && file.length > 0; i++) {
      file = changed(file, random);
    }
    return file;
  }

  private byte[] changed(byte[] file, Random random) {
    int at = random.nextInt(file.length);
    // Headers decide more than data do.
    at = random.nextBoolean() ? at : at % Math.min(file.length, 512);
    int length = 1 + random.nextInt(Math.min(64, file.length - at));
    switch (random.nextInt(9)) {
      case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> file[at] = (byte) random.nextInt();
      case 2 -> {
        for (int i = at; i < Math.min(file.length, at + 1 + random.nextInt(4)); i++) {
          file[i] = (byte) VALUES[random.nextInt(VALUES.length)];
        }
      }
      case 3 -> Arrays.fill(file, at, at + length, (byte) VALUES[random.nextInt(8)]);
      case 4 -> System.arraycopy(file, random.nextInt(file.length - length + 1), file, at, length);
      case 5 -> {
        return random.nextInt(4) == 0 ? Arrays.copyOf(file, at) : file;
      }
      case 6 -> {
        return joined(file, at, Arrays.copyOfRange(file, at, at + length), at);
      }
      case 7 -> {
        return joined(file, at, new byte[0], at + length);
      }
      default -> {
        byte[] other = files.get(random.nextInt(files.size()));
        if (other.length > 0) {
          int from = random.nextInt(other.length);
          int count = Math.min(length, other.length - from);
          System.arraycopy(other, from, file, at, Math.min(count, file.length - at));
        }
      }
    }
    return file;
  }

  private static byte[] joined(byte[] file, int start, byte[] middle, int rest) {
    byte[] all = new byte[start + middle.length + file.length - rest];
    System.arraycopy(file, 0, all, 0, start);
    System.arraycopy(middle, 0, all, start, middle.length);
    System.arraycopy(file, rest, all, start + middle.length, file.length - rest);
    return all;
  }
}
