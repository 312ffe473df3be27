package dev.squint.pruner.method;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenScorer;
import java.util.Set;

/**
 * Keeps the tokens nearest to the question's words in the language model's embedding space, without
 * training.
 *
 * <p>Our own: no paper gives this exact rule. Of the cosines C [N, T] between tokens and words,
 * each word's mean over the tokens is taken away, since visual tokens share one strong direction
 * that says nothing about where the answer is. A word counts by how far its best token stands out,
 * w = softmax over words of max_j C[j, t] / temperature, so that "what" and "the", which match
 * nothing, count little. The score of a token is the mean of its cosines weighted so.
 *
 * @param temperature of the softmax over the words; the smaller, the fewer words count
 */
public record TextGuided(double temperature) implements TokenScorer<PatchTokens> {
  private static final Evidence.QuestionEmbeddings QUESTION = new Evidence.QuestionEmbeddings();

  public TextGuided {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(QUESTION);
  }

  @Override
  public float[] score(PatchTokens tokens) {
    Matrix question = tokens.evidence(QUESTION);
    Matrix raw = tokens.features().unitRows().timesTransposed(question.unitRows());
    Matrix cosines = raw.minus(raw.columnMeans());
    double[] weights = wordWeights(cosines);
    float[] scores = new float[cosines.rows()];
    for (int j = 0; j < scores.length; j++) {
      double sum = 0;
      for (int t = 0; t < weights.length; t++) {
        sum += weights[t] * cosines.get(j, t);
      }
      scores[j] = (float) sum;
    }
    return scores;
  }

  /** softmax over words of max_j C[j, t] / temperature, [T]. */
  private double[] wordWeights(Matrix cosines) {
    double[] weights = new double[cosines.cols()];
    double sum = 0;
    for (int t = 0; t < weights.length; t++) {
      float best = -1;
      for (int j = 0; j < cosines.rows(); j++) {
        best = Math.max(best, cosines.get(j, t));
      }
      weights[t] = Math.exp((best - 1) / temperature);
      sum += weights[t];
    }
    for (int t = 0; t < weights.length; t++) {
      weights[t] /= sum;
    }
    return weights;
  }
}
