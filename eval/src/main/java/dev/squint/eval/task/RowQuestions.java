package dev.squint.eval.task;

import dev.squint.eval.data.Question;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Turns the rows of a benchmark into questions.
 *
 * @param layout says where the parts of a question are
 * @param pictures returns the names of a row's pictures
 */
record RowQuestions(Layout layout, PictureNames pictures) {

  /** What pandas writes for an empty cell of a table. */
  private static final String EMPTY_CELL = "nan";

  /** Returns the names of the pictures that an expression stands for. */
  @FunctionalInterface
  interface PictureNames {
    List<String> of(Row row, String expression);
  }

  /** Whether the fields of a row have these values; "*" is any value. */
  static boolean matches(Row row, Map<String, String> only) {
    for (Map.Entry<String, String> condition : only.entrySet()) {
      boolean any = condition.getValue().equals("*");
      String value = row.text(condition.getKey());
      if (any ? value.isEmpty() : !value.equals(condition.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** Returns the question of a row. */
  Question question(Row row) {
    Fields fields = layout.fields();
    String id = fields.id() == null ? row.text("_row") : row.text(fields.id());
    List<String> options = options(row);
    List<String> names = pictures.of(row, fields.pictures());
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "question '%s' has no picture; the field is '%s'".formatted(id, fields.pictures()));
    }
    return new Question(
        id,
        names,
        fields.capitalise()
            ? capitalised(row.text(fields.question()))
            : row.text(fields.question()),
        fields.hint() == null ? "" : withoutEmpty(row.text(fields.hint())),
        options,
        answers(row, options),
        fields.kind() == null ? "all" : row.text(fields.kind()),
        group(row, id),
        false,
        List.of(),
        List.of());
  }

  private List<String> options(Row row) {
    List<String> fields = layout.fields().options();
    if (fields.size() != 1) {
      return fields.stream()
          .filter(row::has)
          .map(row::text)
          .filter(option -> !isEmptyCell(option))
          .toList();
    }
    List<String> options = row.texts(fields.get(0));
    List<String> separate = separate(options);
    return IntStream.range(0, separate.size())
        .mapToObj(i -> withoutLetter(separate.get(i), Question.letter(i) + ". "))
        .toList();
  }

  private String withoutEmpty(String text) {
    return isEmptyCell(text) ? "" : text;
  }

  private boolean isEmptyCell(String text) {
    return layout.format() == Task.Format.PARQUET && text.equals(EMPTY_CELL);
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
        layout.fields().answerIs() == Fields.AnswerIs.OPTION
            ? List.of(row.text(layout.fields().answers()))
            : separate(row.texts(layout.fields().answers()));
    return given.stream().map(answer -> answer(answer, options)).toList();
  }

  private String answer(String answer, List<String> options) {
    return switch (layout.fields().answerIs()) {
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
    String field = layout.fields().group();
    if (field == null) {
      return id;
    }
    int modulo = layout.fields().modulo();
    return modulo == 0 ? row.text(field) : Long.toString(Long.parseLong(row.text(field)) % modulo);
  }

  private static String capitalised(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }
}
