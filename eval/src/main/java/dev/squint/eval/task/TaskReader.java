package dev.squint.eval.task;

import dev.squint.eval.data.Base64Pictures;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.EasyVqaReader;
import dev.squint.eval.data.EncodedPictures;
import dev.squint.eval.data.FolderPictures;
import dev.squint.eval.data.PictureStore;
import dev.squint.eval.data.Question;
import dev.squint.eval.data.QuestionFiles;
import dev.squint.vision.picture.Picture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads the data of a benchmark as declared in its task file. */
public final class TaskReader {

  private final Task task;
  private final Path folder;
  private final VideoFrames frames;
  private final Base64Pictures cells = new Base64Pictures();
  private final EncodedPictures stored = new EncodedPictures();

  /**
   * Creates a reader.
   *
   * @param folder folder of the official download, see {@link Task#get}
   */
  public TaskReader(Task task, Path folder) {
    this.task = task;
    this.folder = folder;
    this.frames = new VideoFrames(folder, task.frames());
  }

  /**
   * Reads a split.
   *
   * @param split name of the split; empty for the first
   * @throws IllegalArgumentException if there is no such split, or a file is missing (the message
   *     says what to download and where to put it) or damaged
   */
  public DataSet read(String split) {
    if (task.format() == Task.Format.OWN) {
      return QuestionFiles.read(task.name(), folder);
    }
    if (task.format() == Task.Format.EASY_VQA) {
      return EasyVqaReader.read(task.name(), folder);
    }
    Layout layout = layout(split);
    String wanted = split.isEmpty() ? layout.splits().keySet().iterator().next() : split;
    Task.Split files = Objects.requireNonNull(layout.splits().get(wanted));
    List<Row> rows = new RowReader(folder, task, layout, stored).read(files);
    if (layout.format() == Task.Format.TSV) {
      rows.forEach(row -> cells.put(row.text("index"), row.text("image")));
    }
    List<Question> questions = new ArrayList<>();
    RowQuestions reader = new RowQuestions(layout, (row, names) -> pictures(row, names, layout));
    for (Row row : rows) {
      if (RowQuestions.matches(row, layout.fields().only())
          && RowQuestions.matches(row, files.only())) {
        questions.add(reader.question(row));
      }
    }
    PictureStore pictures = layout.format() == Task.Format.TSV ? cells : this::picture;
    return new DataSet(task.setName(wanted), pictures, questions);
  }

  /** Returns the first form of distribution whose files are there, or the official one. */
  private Layout layout(String split) {
    List<Layout> layouts =
        task.layouts().stream()
            .filter(layout -> split.isEmpty() || layout.splits().containsKey(split))
            .toList();
    if (layouts.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no split '%s'; there are %s"
              .formatted(task.name(), split, task.splits().keySet()));
    }
    return layouts.stream()
        .filter(layout -> isThere(layout, split))
        .findFirst()
        .orElse(layouts.get(0));
  }

  private boolean isThere(Layout layout, String split) {
    Task.Split files =
        split.isEmpty() ? layout.splits().values().iterator().next() : layout.splits().get(split);
    return files != null && !new SplitFiles(folder).of(files.files().get(0)).isEmpty();
  }

  private List<String> pictures(Row row, String expression, Layout layout) {
    List<String> alternatives = SplitFiles.alternatives(expression);
    List<String> first = row.texts(alternatives.get(0));
    if (task.frames() > 0) {
      return frames.of(row, first, layout.fields().clips());
    }
    return alternatives.stream()
        .map(row::texts)
        .filter(names -> alternatives.size() == 1 || names.stream().allMatch(this::exists))
        .findFirst()
        .orElse(first);
  }

  private boolean exists(String name) {
    return stored.has(name) || Files.isRegularFile(folder.resolve(name));
  }

  private Picture picture(String name) {
    Picture frame = frames.read(name);
    if (frame != null) {
      return frame;
    }
    return stored.has(name) ? stored.read(name) : new FolderPictures(folder).read(name);
  }
}
