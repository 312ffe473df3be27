package dev.squint.eval.metric;

import java.util.List;
import java.util.Locale;

/** Scores 1 if the answer equals a right answer after {@link AnswerText}, otherwise 0. */
public final class ExactMatch {

  private ExactMatch() {}

  /** Whether the answer equals one of these. */
  public static boolean matches(String answer, List<String> right) {
    return right.stream().anyMatch(expected -> same(answer, expected));
  }

  /**
   * Whether two answers are equal after normalization. If the normalization leaves nothing of the
   * first ("A" is an article), the original texts are compared.
   */
  public static boolean same(String one, String other) {
    String normalised = AnswerText.normalise(one);
    return normalised.isEmpty()
        ? one.strip().toLowerCase(Locale.ROOT).equals(other.strip().toLowerCase(Locale.ROOT))
        : normalised.equals(AnswerText.normalise(other));
  }
}
