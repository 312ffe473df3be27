package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Locale;

/**
 * OCRBench (arXiv 2305.07895): an answer is right if it contains a right answer, ignoring case.
 * Formulas of HME100k are compared without spaces and with case.
 */
public final class Contains {

  private static final String FORMULAS = "HME100k";

  private Contains() {}

  /** Scores an answer; a {@link Scorer}. The question's kind is its OCRBench category. */
  public static Score score(String answer, Question question) {
    boolean formula = question.kind().equals(FORMULAS);
    String given = plain(answer, formula);
    return Score.of(
        question.answers().stream().anyMatch(right -> given.contains(plain(right, formula))));
  }

  private static String plain(String text, boolean formula) {
    String line = text.strip().replace('\n', ' ');
    return formula ? line.replace(" ", "") : line.toLowerCase(Locale.ROOT);
  }
}
