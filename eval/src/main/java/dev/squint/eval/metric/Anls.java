package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Locale;

/**
 * Average normalized Levenshtein similarity of DocVQA and InfographicVQA (arXiv 2007.00398). The
 * most similar right answer counts; a similarity below 0.5 scores 0. The distance compares
 * lower-case texts with single spaces, but is divided by the length of the original texts, as in
 * the official script and the harnesses.
 */
public final class Anls {

  private static final double LEAST = 0.5;

  private Anls() {}

  /** Scores an answer; a {@link Scorer}. */
  public static Score score(String answer, Question question) {
    double best =
        question.answers().stream().mapToDouble(right -> similarity(answer, right)).max().orElse(0);
    return new Score(best < LEAST ? 0 : best, true);
  }

  static double similarity(String answer, String right) {
    int length = Math.max(length(answer), length(right));
    return length == 0 ? 1 : 1 - (double) distance(plain(answer), plain(right)) / length;
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static int[] plain(String text) {
    return text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").codePoints().toArray();
  }

  /** Levenshtein distance, one row at a time. */
  static int distance(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length];
  }
}
