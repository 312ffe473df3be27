package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * BlindTest (arXiv 2407.06581), scored as lmms-eval does, with the question's kind as its task. Of
 * a grid the two numbers are read in three forms; circled letters are the first letter of the
 * answer, so a sentence is wrong unless it begins with it.
 */
final class BlindTest {

  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Pattern LETTER = Pattern.compile("[a-z]");
  private static final List<Pattern> GRIDS =
      List.of(
          Pattern.compile("\\{(\\d+)}\\s*\\{(\\d+)}"),
          Pattern.compile("\\((\\d+)\\s*,\\s*(\\d+)\\)"),
          Pattern.compile("rows=\\{(\\d+)}\\scolumns=\\{(\\d+)}"));

  private BlindTest() {}

  static Score score(String answer, Question question) {
    String text = answer.strip().toLowerCase(Locale.ROOT);
    return read(text, question.kind().toLowerCase(Locale.ROOT))
        .map(said -> Score.of(said.equalsIgnoreCase(question.answers().get(0).strip())))
        .orElse(Score.UNPARSED);
  }

  private static Optional<String> read(String text, String task) {
    if (task.equals("touching circles")) {
      return text.equals("yes") || text.equals("no") ? Optional.of(text) : Optional.empty();
    }
    if (task.equals("circled letter")) {
      return first(LETTER, text);
    }
    return task.startsWith("counting grid") ? grid(text) : first(NUMBER, text);
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? Optional.of(found.group()) : Optional.empty();
  }

  private static Optional<String> grid(String text) {
    for (Pattern form : GRIDS) {
      Matcher found = form.matcher(text);
      if (found.find()) {
        return Optional.of(found.group(1) + "," + found.group(2));
      }
    }
    return Optional.empty();
  }

  /** The paper's figure: the mean over its eight tasks; both kinds of grids are one. */
  enum Tasks implements Aggregate {
    MEAN;

    @Override
    public double of(List<Graded> answers) {
      return answers.stream()
          .collect(Collectors.groupingBy(answer -> task(answer.question().kind())))
          .values()
          .stream()
          .mapToDouble(Mean::mean)
          .average()
          .orElse(0);
    }

    private static String task(String kind) {
      return kind.startsWith("Counting Grid") ? "Counting Grid" : kind;
    }
  }
}
