package dev.squint.eval.task;

import dev.squint.eval.data.Base64Pictures;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.EasyVqaReader;
import dev.squint.eval.data.EncodedPictures;
import dev.squint.eval.data.FolderPictures;
import dev.squint.eval.data.PictureStore;
import dev.squint.eval.data.Question;
import dev.squint.eval.data.QuestionFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Reads the data of a benchmark as declared in its task file. */
public final class TaskReader {

  private final Task task;
  private final Path folder;
  private final FrameFolders frames;
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
    this.frames = new FrameFolders(folder, task.frames());
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
    String wanted = split.isEmpty() ? task.splits().keySet().iterator().next() : split;
    Task.Split files = task.splits().get(wanted);
    if (files == null) {
      throw new IllegalArgumentException(
          "%s has no split '%s'; there are %s"
              .formatted(task.name(), wanted, task.splits().keySet()));
    }
    List<Question> questions = new ArrayList<>();
    List<Row> rows = new RowReader(folder, task).read(files);
    if (task.format() == Task.Format.TSV) {
      rows.forEach(row -> cells.put(row.text("index"), row.text("image")));
    }
    for (Row row : rows) {
      if (isWanted(row)) {
        questions.add(question(row));
      }
    }
    return new DataSet(task.name(), pictures(), questions);
  }

  private PictureStore pictures() {
    return switch (task.format()) {
      case TSV -> cells;
      case PARQUET -> task.frames() > 0 ? new FolderPictures(folder) : stored;
      default -> new FolderPictures(folder);
    };
  }

  private List<String> pictures(Row row, String id) {
    if (task.format() != Task.Format.PARQUET || task.frames() > 0) {
      return frames.of(row.texts(task.fields().pictures()));
    }
    List<String> names = new ArrayList<>();
    row.files(task.fields().pictures())
        .forEach(
            (field, file) -> {
              names.add(stored.add(id + "/" + field, file));
            });
    return names;
  }

  private boolean isWanted(Row row) {
    for (Map.Entry<String, String> condition : task.fields().only().entrySet()) {
      boolean any = condition.getValue().equals("*");
      String value = row.text(condition.getKey());
      if (any ? value.isEmpty() : !value.equals(condition.getValue())) {
        return false;
      }
    }
    return true;
  }

  private Question question(Row row) {
    Fields fields = task.fields();
    String id = fields.id() == null ? row.text("_row") : row.text(fields.id());
    List<String> options = options(row);
    return new Question(
        id,
        pictures(row, id),
        fields.capitalise()
            ? capitalised(row.text(fields.question()))
            : row.text(fields.question()),
        fields.hint() == null ? "" : row.text(fields.hint()),
        options,
        answers(row, options),
        fields.kind() == null ? "all" : row.text(fields.kind()),
        group(row, id),
        false,
        List.of());
  }

  private List<String> options(Row row) {
    List<String> fields = task.fields().options();
    if (fields.size() != 1) {
      return fields.stream().filter(row::has).map(row::text).toList();
    }
    List<String> options = row.texts(fields.get(0));
    List<String> separate = separate(options);
    return IntStream.range(0, separate.size())
        .mapToObj(i -> withoutLetter(separate.get(i), Question.letter(i) + ". "))
        .toList();
  }

  // MMMU stores a list as a text in Python syntax.
  private static List<String> separate(List<String> texts) {
    return texts.size() == 1 && texts.get(0).matches("(?s)\\[(['\"].*)?]")
        ? PythonList.parse(texts.get(0))
        : texts;
  }

  // Some data sets have "A. red", others "red"; the prompt adds the letters.
  private static String withoutLetter(String option, String letter) {
    return option.startsWith(letter) ? option.substring(letter.length()) : option;
  }

  private List<String> answers(Row row, List<String> options) {
    // The right option can be an empty text.
    List<String> given =
        task.fields().answerIs() == Fields.AnswerIs.OPTION
            ? List.of(row.text(task.fields().answers()))
            : separate(row.texts(task.fields().answers()));
    return given.stream().map(answer -> answer(answer, options)).toList();
  }

  private String answer(String answer, List<String> options) {
    return switch (task.fields().answerIs()) {
      case TEXT -> answer;
      case INDEX -> Question.letter(Integer.parseInt(answer));
      case NUMBER -> Question.letter(Integer.parseInt(answer) - 1);
      case OPTION -> {
        int option = options.indexOf(answer);
        // MLVU has one question like this; as in its own scoring, no letter is right.
        yield option < 0 ? answer : Question.letter(option);
      }
    };
  }

  private String group(Row row, String id) {
    String field = task.fields().group();
    if (field == null) {
      return id;
    }
    int modulo = task.fields().modulo();
    return modulo == 0 ? row.text(field) : Long.toString(Long.parseLong(row.text(field)) % modulo);
  }

  private static String capitalised(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }
}
