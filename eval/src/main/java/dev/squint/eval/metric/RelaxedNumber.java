package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * ChartQA's relaxed accuracy (arXiv 2203.10244): a number may differ from the right one by 5 %;
 * other answers must be equal except for case. As in the harnesses, a right answer of 0 is compared
 * as text ("0.0" is wrong), "12 %" is 0.12, and "1,000" is not a number.
 */
public final class RelaxedNumber {

  private static final double MOST = 0.05;
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(_\\d+)*\\.?(\\d+)?|\\.\\d+)([eE][+-]?\\d+)?");

  private RelaxedNumber() {}

  /** Scores an answer; a {@link Scorer}. */
  public static Score score(String answer, Question question) {
    return Score.of(question.answers().stream().anyMatch(right -> matches(answer, right)));
  }

  /** Scores an answer without the space around it (VLMEvalKit). */
  static Score stripped(String answer, Question question) {
    return score(answer.strip(), question);
  }

  static boolean matches(String answer, String right) {
    OptionalDouble given = number(answer);
    OptionalDouble wanted = number(right);
    if (given.isPresent() && wanted.isPresent() && wanted.getAsDouble() != 0) {
      double off = Math.abs(given.getAsDouble() - wanted.getAsDouble());
      return off / Math.abs(wanted.getAsDouble()) <= MOST;
    }
    return answer.toLowerCase(Locale.ROOT).equals(right.toLowerCase(Locale.ROOT));
  }

  private static OptionalDouble number(String text) {
    boolean percent = text.endsWith("%");
    String digits = (percent ? text.replaceFirst("%+$", "") : text).strip();
    if (!NUMBER.matcher(digits).matches()) {
      return OptionalDouble.empty();
    }
    double value = Double.parseDouble(digits.replace("_", ""));
    return OptionalDouble.of(percent ? value / 100 : value);
  }
}
