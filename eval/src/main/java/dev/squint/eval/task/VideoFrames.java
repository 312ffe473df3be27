package dev.squint.eval.task;

import dev.squint.eval.task.ClipFiles.Candidate;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Chooses frames of videos: evenly from the first to the last, like numpy's {@code linspace} (as in
 * lmms-eval). A video is a folder with its frames, or a clip.
 */
final class VideoFrames {

  /** Ends the name of a folder without frames; reading it explains what is missing. */
  private static final String MISSING = "/*";

  private static final String ANY_FOLDER = "/*/";

  /** Names that a message lists. */
  private static final int NAMED = 3;

  private final Path root;
  private final int count;
  private final NamedFrames clips;
  private final Map<String, String> tried = new ConcurrentHashMap<>();
  private final Map<String, Map<String, String>> found = new ConcurrentHashMap<>();

  /**
   * Makes a chooser.
   *
   * @param root folder that names are relative to
   * @param count number of frames for the model; 0 if the names are names of pictures
   */
  VideoFrames(Path root, int count) {
    this.root = root;
    this.count = count;
    this.clips = new NamedFrames(root);
  }

  /**
   * Returns the names of the pictures of a row.
   *
   * @param names folders with frames
   * @param files where clips are, if they are not there; may be null
   */
  List<String> of(Row row, List<String> names, @Nullable ClipFiles files) {
    List<String> pictures = new ArrayList<>();
    for (String name : names) {
      List<String> all = inFolder(name, 0, Double.POSITIVE_INFINITY, 0);
      pictures.addAll(all.isEmpty() ? ofClip(row, name, files) : all);
    }
    return pictures;
  }

  private List<String> ofClip(Row row, String folder, @Nullable ClipFiles files) {
    List<Candidate> candidates = files == null ? List.of() : files.candidates(row);
    for (Candidate candidate : candidates) {
      String name = located(candidate.name());
      List<String> frames =
          inFolder(name, candidate.from(), candidate.to(), candidate.framesPerSecond());
      if (!frames.isEmpty()) {
        return frames;
      }
      if (Files.isRegularFile(root.resolve(name))) {
        return NamedFrames.names(name, candidate.from(), candidate.to(), count);
      }
    }
    if (!candidates.isEmpty()) {
      tried.put(
          folder,
          String.join(", ", candidates.stream().map(Candidate::name).limit(NAMED).toList())
              + (candidates.size() > NAMED ? " and others" : ""));
    }
    return List.of(folder + MISSING);
  }

  /** The name of a file in any folder of a folder, which is {@code *} in its name. */
  private String located(String name) {
    int star = name.indexOf(ANY_FOLDER);
    if (star < 0) {
      return name;
    }
    String folder = name.substring(0, star);
    String file = name.substring(star + ANY_FOLDER.length());
    return found.computeIfAbsent(folder, this::filesBelow).getOrDefault(file, name);
  }

  private Map<String, String> filesBelow(String folder) {
    Map<String, String> files = new HashMap<>();
    if (Files.isDirectory(root.resolve(folder))) {
      try (var entries = Files.walk(root.resolve(folder), 2)) {
        entries
            .filter(Files::isRegularFile)
            .map(file -> root.relativize(file).toString())
            .forEach(file -> files.put(file.substring(file.lastIndexOf('/') + 1), file));
      } catch (IOException e) {
        throw new UncheckedIOException("%s cannot be listed".formatted(folder), e);
      }
    }
    return files;
  }

  /** The chosen pictures of a folder, of the part between two times; empty if there are none. */
  private List<String> inFolder(String name, double from, double to, double framesPerSecond) {
    Path folder = root.resolve(name);
    List<String> all = Files.isDirectory(folder) ? pictures(folder, name) : List.of();
    if (framesPerSecond > 0 && !all.isEmpty()) {
      int first = (int) Math.min(all.size() - 1, Math.round(from * framesPerSecond));
      int last = (int) Math.min(all.size() - 1, Math.round(to * framesPerSecond));
      all = all.subList(first, Math.max(first, last) + 1);
    }
    List<String> chosen = new ArrayList<>();
    for (int i : evenly(all.size(), Math.min(all.size(), count))) {
      chosen.add(all.get(i));
    }
    return chosen;
  }

  /**
   * Returns the frame of a clip; null if the name is not one of these.
   *
   * @throws IllegalArgumentException if the name stands for a video that is not there, or the clip
   *     cannot be read
   */
  @Nullable Picture read(String picture) {
    if (!picture.endsWith(MISSING)) {
      return clips.read(picture);
    }
    String name = picture.substring(0, picture.length() - MISSING.length());
    String clip = tried.containsKey(name) ? ", and no clip " + tried.get(name) : "";
    throw new IllegalArgumentException(
        Files.isDirectory(root.resolve(name))
            ? "the folder %s has no frames; write them there as JPEG, PNG or WebP".formatted(name)
            : "there is no folder %s with the frames of that video%s; unpack the videos there, or write frames, for example by 'ffmpeg -i VIDEO -vf fps=1 %s/%%05d.jpg'"
                .formatted(name, clip, name));
  }

  /** So many places of a list, evenly from the first to the last; some twice if it is shorter. */
  static int[] evenly(int size, int count) {
    int[] places = new int[size == 0 ? 0 : count];
    for (int i = 0; i < places.length; i++) {
      places[i] = places.length == 1 ? 0 : (int) ((long) i * (size - 1) / (places.length - 1));
    }
    return places;
  }

  private static List<String> pictures(Path folder, String name) {
    try (var entries = Files.list(folder)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(file -> file.matches("(?i).*\\.(jpe?g|png|webp)"))
          .sorted()
          .map(file -> name + "/" + file)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be listed".formatted(folder), e);
    }
  }
}
