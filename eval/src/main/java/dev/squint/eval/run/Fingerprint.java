package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.io.FileHashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** SHA-256 of the inputs of a run. */
public final class Fingerprint {

  private static final FileHashes FOLDERS = new FileHashes();

  private Fingerprint() {}

  /** Returns the hash of all files in a folder, including their names. */
  public static String of(Path folder) {
    try (var walk = Files.walk(folder)) {
      List<Path> files = walk.filter(Files::isRegularFile).sorted().toList();
      return FOLDERS.of(folder, files, () -> hash(folder, files));
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }

  private static String hash(Path folder, List<Path> files) throws IOException {
    ContentHash hash = new ContentHash();
    for (Path file : files) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      hash.with("%s %d\n".formatted(name, Files.size(file))).with(file);
    }
    return hash.hex();
  }

  /** Returns the hash of the questions with their prompts and the names of their pictures. */
  public static String of(TaskData assignment) {
    ContentHash hash = new ContentHash();
    hash.with("%d\n".formatted(assignment.task().maxTokens()));
    for (Question question : assignment.set().questions()) {
      hash.with("%s\n%s\n".formatted(described(question), assignment.prompt(question)));
    }
    return hash.hex();
  }

  // Leaves out an empty history, so that runs of versions without histories can be resumed.
  private static String described(Question question) {
    return question.toString().replace(", history=[]]", "]");
  }
}
