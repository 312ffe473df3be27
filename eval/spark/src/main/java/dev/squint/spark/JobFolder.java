package dev.squint.spark;

import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.QuestionsFile;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.TaskData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The output folder of a job: {@code answers}, and the files of a run that {@code squint report}
 * reads.
 *
 * @param folder the folder
 * @param files its file system, without the checksum files of Hadoop's local one, which would be
 *     wrong after another program has written a file
 */
record JobFolder(Path folder, FileSystem files) {

  private static final String RUN = "run.json";

  /** Opens a folder, which need not exist. */
  static JobFolder open(String place, Configuration hadoop) {
    try {
      Path folder = new Path(place);
      FileSystem files = folder.getFileSystem(hadoop);
      return new JobFolder(
          files.makeQualified(folder),
          files instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : files);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--out %s is no folder: %s".formatted(place, e.getMessage()), e);
    }
  }

  /** The folder with the rows. */
  Path answers() {
    return new Path(folder, "answers");
  }

  /**
   * Writes what {@code squint report} needs. Data sets and plans of earlier jobs stay.
   *
   * @param cost sizes of the model, null if they are not known
   * @param sets questions with right answers
   * @throws IllegalArgumentException if the folder has answers of another model or to other
   *     questions
   */
  void record(RunFile run, @Nullable ModelCost cost, List<TaskData> sets) {
    try {
      @Nullable String earlier = read(RUN);
      RunFile merged = earlier == null ? run : run.with(RunFile.parse(earlier));
      List<TaskData> all = new ArrayList<>(sets);
      @Nullable String questions = read(QuestionsFile.NAME);
      if (questions != null) {
        List<String> names = sets.stream().map(one -> one.set().name()).toList();
        QuestionsFile.parse(questions).stream()
            .filter(one -> !names.contains(one.set().name()))
            .forEach(all::add);
      }
      write(RUN, JsonFiles.pretty(merged) + "\n");
      if (!all.isEmpty()) {
        write(QuestionsFile.NAME, QuestionsFile.text(all));
      }
      if (cost != null) {
        write(ModelCost.FILE, JsonFiles.pretty(cost) + "\n");
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--out %s cannot be used: %s".formatted(folder, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written".formatted(folder), e);
    }
  }

  /**
   * Whether there are rows.
   *
   * @throws IllegalArgumentException if they are of the other format
   */
  boolean hasAnswers(JobOptions.OutFormat format) {
    boolean parquet = format == JobOptions.OutFormat.PARQUET;
    try {
      if (!files.exists(answers())) {
        return false;
      }
      boolean any = false;
      for (FileStatus status : files.listStatus(answers())) {
        String name = status.getPath().getName();
        if (name.startsWith("_") || name.startsWith(".")) {
          continue;
        }
        if (name.endsWith(".parquet") != parquet) {
          throw new IllegalArgumentException(
              "%s holds %s; give --out-format %s or another --out"
                  .formatted(answers(), name, parquet ? "jsonl" : "parquet"));
        }
        any = true;
      }
      return any;
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(answers()), e);
    }
  }

  /** The text of a file, or null if there is none. */
  @Nullable String read(String name) throws IOException {
    Path file = new Path(folder, name);
    if (!files.exists(file)) {
      return null;
    }
    try (var in = files.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Replaces a file; a killed driver leaves it whole or missing. */
  void write(String name, String text) throws IOException {
    Path file = new Path(folder, name);
    Path unfinished = new Path(folder, "." + name + ".tmp");
    try (var out = files.create(unfinished, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    files.delete(file, false);
    if (!files.rename(unfinished, file)) {
      throw new IOException("%s cannot be renamed to %s".formatted(unfinished, name));
    }
  }

  /** Deletes a file if it exists. */
  void delete(String name) throws IOException {
    files.delete(new Path(folder, name), false);
  }
}
