package dev.squint.pruner.method;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenScorer;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the visual tokens that the question's telling words attend to, mean over words and heads.
 * SparseVLM, version 1.5 without recycling (arXiv 2410.04417), where it acts after layers 2, 6 and
 * 15.
 *
 * <p>The telling words, called raters, are those that the visual tokens resemble more than the mean
 * word, before the decoder. Where all words are alike, all are raters.
 */
public record SparseVlm() implements TokenScorer<LayerTokens> {
  private static final Evidence.TextQueryAttention ATTENTION = new Evidence.TextQueryAttention();
  private static final Evidence.TextRelevance RELEVANCE = new Evidence.TextRelevance();

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION, RELEVANCE);
  }

  @Override
  public float[] score(LayerTokens tokens) {
    List<Matrix> attention = tokens.evidence(ATTENTION).rows();
    float[] scores = new float[tokens.size()];
    int[] raters = raters(tokens.evidence(RELEVANCE).row(0));
    for (int rater : raters) {
      float[] means = attention.get(rater).columnMeans();
      for (int j = 0; j < scores.length; j++) {
        scores[j] += means[j] / raters.length;
      }
    }
    return scores;
  }

  /**
   * How much the visual tokens resemble each text token: softmax over the text of V T', mean over
   * the visual tokens, [T].
   *
   * @param visual visual tokens as the decoder gets them, [N, D]
   * @param text all text embeddings after the picture, [T, D]
   */
  public static float[] relevance(Matrix visual, Matrix text) {
    Matrix logits = visual.timesTransposed(text);
    double[] sums = new double[text.rows()];
    for (int j = 0; j < visual.rows(); j++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int t = 0; t < sums.length; t++) {
        most = Math.max(most, logits.get(j, t));
      }
      double total = 0;
      for (int t = 0; t < sums.length; t++) {
        total += Math.exp(logits.get(j, t) - most);
      }
      for (int t = 0; t < sums.length; t++) {
        sums[t] += Math.exp(logits.get(j, t) - most) / total / visual.rows();
      }
    }
    float[] relevance = new float[sums.length];
    for (int t = 0; t < sums.length; t++) {
      relevance[t] = (float) sums[t];
    }
    return relevance;
  }

  /** The text tokens above the mean, ascending; all when none is. */
  static int[] raters(float[] relevance) {
    double sum = 0;
    for (float value : relevance) {
      sum += value;
    }
    double mean = sum / relevance.length;
    int[] raters = IntStream.range(0, relevance.length).filter(t -> relevance[t] > mean).toArray();
    return raters.length > 0 ? raters : IntStream.range(0, relevance.length).toArray();
  }
}
