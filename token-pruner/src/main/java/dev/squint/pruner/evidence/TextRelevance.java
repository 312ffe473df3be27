package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.maths.Softmax;

/**
 * Similarity of the visual tokens to each text token after the picture, before the decoder, [1, T]:
 * softmax over the text of the dot products, mean over the visual tokens.
 */
public record TextRelevance() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.QUESTION;
  }

  /**
   * Similarity of the visual tokens to each text token: softmax over the text of V T', mean over
   * the visual tokens, [1, T].
   *
   * @param visual visual tokens as the decoder receives them, [N, D]
   * @param text all text embeddings after the picture, [T, D]
   */
  public static Matrix of(Matrix visual, Matrix text) {
    Matrix logits = visual.timesTransposed(text);
    double[] sums = new double[text.rows()];
    for (int j = 0; j < visual.rows(); j++) {
      int row = j;
      double[] shares = Softmax.of(sums.length, 1, t -> logits.get(row, t));
      for (int t = 0; t < sums.length; t++) {
        sums[t] += shares[t] / visual.rows();
      }
    }
    float[] relevance = new float[sums.length];
    for (int t = 0; t < sums.length; t++) {
      relevance[t] = (float) sums[t];
    }
    return Matrix.of(relevance);
  }

  /** Number of {@link Operations} of {@link #of}. */
  public static double operations(Matrix visual, Matrix text) {
    return Operations.dots(visual.rows(), text.rows(), visual.cols())
        + Operations.softmax(visual.rows(), text.rows())
        + Operations.columnMeans(visual.rows(), text.rows());
  }
}
