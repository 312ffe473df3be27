package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import net.sf.extjwnl.data.Synset;
import org.jspecify.annotations.Nullable;

/**
 * WUPS, the similarity of open answers in NExT-QA (arXiv 2105.08276): the product of each word's
 * best Wu-Palmer similarity with the other answer's words, and the minimum of both directions.
 * Similarities below the threshold are multiplied by 0.1. Yes/no questions (kind DB) and counting
 * questions (DC) need equal words.
 *
 * @param threshold similarity that counts fully; 0 or 0.9
 */
record Wups(double threshold) implements Scorer {

  @Override
  public Score score(String answer, Question question) {
    Lemmas lemmas = new Lemmas();
    List<String> said = lemmas.of(answer);
    boolean exact = question.kind().equals("DB") || question.kind().equals("DC");
    double best = 0;
    for (String right : question.answers()) {
      List<String> expected = lemmas.of(right);
      double alike =
          exact ? (said.equals(expected) ? 1 : 0) : alike(said, expected, this::similarity);
      best = Math.max(best, alike);
    }
    return new Score(best, true);
  }

  /** The minimum of both directions. */
  static double alike(
      List<String> one, List<String> other, ToDoubleBiFunction<String, String> similarity) {
    return Math.min(covered(one, other, similarity), covered(other, one, similarity));
  }

  /** Product over the words that have a best match; 0 if no word has one. */
  private static double covered(
      List<String> words, List<String> by, ToDoubleBiFunction<String, String> similarity) {
    double product = 1;
    boolean any = false;
    for (String word : words) {
      double best =
          by.stream().mapToDouble(other -> similarity.applyAsDouble(word, other)).max().orElse(0);
      if (best > 0) {
        product *= best;
        any = true;
      }
    }
    return any ? product : 0;
  }

  /** Similarity of the first senses of two words, multiplied by 0.1 below the threshold. */
  double similarity(String one, String other) {
    if (one.equals(other)) {
      return 1;
    }
    @Nullable Synset first = WordNet.get().firstSense(one);
    @Nullable Synset second = WordNet.get().firstSense(other);
    if (first == null || second == null) {
      return 0;
    }
    double similarity = WordNet.get().similarity(first, second);
    return similarity < threshold ? 0.1 * similarity : similarity;
  }
}
