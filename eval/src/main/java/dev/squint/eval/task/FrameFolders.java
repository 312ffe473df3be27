package dev.squint.eval.task;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses frames from folders with the frames of videos: evenly from the first to the last, like
 * numpy's {@code linspace} (as in lmms-eval).
 *
 * @param root folder that names are relative to
 * @param count number of frames for the model; 0 if the names are names of pictures
 */
record FrameFolders(Path root, int count) {

  /** Ends the name of a folder without frames; reading it explains what is missing. */
  private static final String MISSING = "/*";

  /** Returns the names of the pictures for these names. */
  List<String> of(List<String> names) {
    if (count == 0) {
      return names;
    }
    List<String> pictures = new ArrayList<>();
    for (String name : names) {
      Path folder = root.resolve(name);
      List<String> all = Files.isDirectory(folder) ? pictures(folder, name) : List.of();
      if (all.isEmpty()) {
        pictures.add(name + MISSING);
      }
      for (int i : evenly(all.size(), count)) {
        pictures.add(all.get(i));
      }
    }
    return pictures;
  }

  /**
   * Explains a missing folder.
   *
   * @throws IllegalArgumentException if the name stands for a folder without frames
   */
  void check(String picture) {
    if (!picture.endsWith(MISSING)) {
      return;
    }
    String name = picture.substring(0, picture.length() - MISSING.length());
    throw new IllegalArgumentException(
        Files.isDirectory(root.resolve(name))
            ? "the folder %s has no frames; write them there as JPEG, PNG or WebP".formatted(name)
            : "there is no folder %s with the frames of that video; write them there, for example by 'ffmpeg -i VIDEO -vf fps=1 %s/%%05d.jpg'"
                .formatted(name, name));
  }

  static int[] evenly(int size, int count) {
    int[] places = new int[Math.min(size, count)];
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
