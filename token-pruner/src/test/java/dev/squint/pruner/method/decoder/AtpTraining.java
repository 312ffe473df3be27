package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Matrix;

/**
 * What the training of {@link Atp}'s modules minimises beside the answers' loss (ATP-LLaVA, arXiv
 * 2412.00447, our reading). The golden cases have it; at run time nothing is trained.
 */
final class AtpTraining {
  private AtpTraining() {}

  /** What stands for a threshold, [N]: sigmoid((score - threshold) * temperature). */
  static float[] softMask(float[] scores, double threshold, double temperature) {
    float[] mask = new float[scores.length];
    for (int j = 0; j < mask.length; j++) {
      mask[j] = (float) AtpModule.sigmoid((scores[j] - threshold) * temperature);
    }
    return mask;
  }

  /**
   * Share of the tokens that each module keeps, times its layer, summed.
   *
   * @param softMasks a row for each module, [modules, N]
   * @param layers the layers that the modules follow
   * @param given tokens that the decoder is given
   */
  static double depthLoss(Matrix softMasks, int[] layers, int given) {
    double loss = 0;
    for (int m = 0; m < layers.length; m++) {
      loss += kept(softMasks, m) / given * layers[m];
    }
    return loss;
  }

  /** Distance of the mean number of kept tokens from the wished one. */
  static double targetLoss(Matrix softMasks, double wished) {
    return Math.abs(meanKept(softMasks) - wished);
  }

  /** Tokens that are kept, mean over the modules. */
  static double meanKept(Matrix softMasks) {
    double sum = 0;
    for (int m = 0; m < softMasks.rows(); m++) {
      sum += kept(softMasks, m);
    }
    return sum / softMasks.rows();
  }

  private static double kept(Matrix softMasks, int module) {
    double sum = 0;
    for (int j = 0; j < softMasks.cols(); j++) {
      sum += softMasks.get(module, j);
    }
    return sum;
  }
}
