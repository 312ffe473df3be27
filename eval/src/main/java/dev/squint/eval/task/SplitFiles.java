package dev.squint.eval.task;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the files of a split.
 *
 * @param folder folder of the data
 */
record SplitFiles(Path folder) {

  private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})(.*)");

  /**
   * Returns the files for a name; empty if there are none.
   *
   * @param name alternatives separated by {@code |}, of which the first that exists counts; each
   *     may contain {@code *} and stands for its compressed form {@code .gz} too
   * @throws IllegalArgumentException if a numbered part of a file is missing
   */
  List<Path> of(String name) {
    for (String alternative : alternatives(name)) {
      List<Path> found = alternative.indexOf('*') < 0 ? exact(alternative) : matching(alternative);
      if (!found.isEmpty()) {
        checkParts(found);
        return found;
      }
    }
    return List.of();
  }

  /** Returns the alternatives of a name. */
  static List<String> alternatives(String name) {
    return List.of(name.split("\\|", -1));
  }

  private List<Path> exact(String name) {
    return Stream.of(name, name + ".gz")
        .map(folder::resolve)
        .filter(Files::exists)
        .limit(1)
        .toList();
  }

  private List<Path> matching(String name) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    PathMatcher matcher = folder.getFileSystem().getPathMatcher("glob:" + name);
    try (Stream<Path> all = Files.walk(folder, name.split("/", -1).length)) {
      return all.filter(file -> matcher.matches(folder.relativize(file))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be listed", e);
    }
  }

  private void checkParts(List<Path> files) {
    Map<String, TreeSet<Integer>> parts = new TreeMap<>();
    for (Path file : files) {
      Matcher matcher = PART.matcher(folder.relativize(file).toString());
      if (matcher.matches()) {
        parts
            .computeIfAbsent(matcher.group(1) + "-*-of-" + matcher.group(3), key -> new TreeSet<>())
            .add(Integer.parseInt(matcher.group(2)));
      }
    }
    parts.forEach(
        (name, numbers) -> {
          int all = Integer.parseInt(name.substring(name.length() - 5));
          if (numbers.size() < all) {
            throw new IllegalArgumentException(
                "%s has %d of its %d files: %s; download the others too"
                    .formatted(name, numbers.size(), all, numbers));
          }
        });
  }
}
