package dev.squint.eval.metric;

import java.util.List;
import java.util.Locale;

/** 1 for an answer that equals one of the right ones after {@link AnswerText}, otherwise 0. */
public final class ExactMatch {

  private ExactMatch() {}

  /** Whether the answer is one of these. */
  public static boolean matches(String answer, List<String> right) {
    return right.stream().anyMatch(expected -> same(answer, expected));
  }

  /**
   * Whether two answers count as one. Where nothing is left of the first ("A", read as a letter, is
   * an article to the normalisation), the texts themselves are compared.
   */
  public static boolean same(String one, String other) {
    String normalised = AnswerText.normalise(one);
    return normalised.isEmpty()
        ? one.strip().toLowerCase(Locale.ROOT).equals(other.strip().toLowerCase(Locale.ROOT))
        : normalised.equals(AnswerText.normalise(other));
  }
}
