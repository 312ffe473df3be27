package dev.squint.pruner.method.depth;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.maths.SingularValues;
import java.util.List;

/**
 * The rank of a layer's attention: mean over the heads, without each token's attention to itself.
 * Layers with a low rank can skip tokens. ARank of gamma-MoD (arXiv 2410.13859).
 */
public final class AttentionRank {
  private AttentionRank() {}

  /** Mean over the heads, of attention [S, S] each; larger is more informative. */
  public static double of(List<Matrix> perHead) {
    return perHead.stream().mapToInt(AttentionRank::ofHead).average().orElseThrow();
  }

  static int ofHead(Matrix attention) {
    float[] lower = attention.data().clone();
    for (int i = 0; i < attention.rows(); i++) {
      for (int j = i; j < attention.cols(); j++) {
        lower[i * attention.cols() + j] = 0;
      }
    }
    return SingularValues.rank(new Matrix(attention.rows(), attention.cols(), lower));
  }
}
