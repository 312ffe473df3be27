package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.graph.Runs.Floats;

/** Attention computed the plain way from taps. */
final class TapMaths {

  private TapMaths() {}

  /**
   * Softmax over the keys that the last row sees, [H, T].
   *
   * @param queries [1, H, 1, d]
   * @param keys [1, keyHeads, T, d]
   * @param window 0 for all
   */
  static float[] attentionOfLastRow(Floats queries, Floats keys, int window) {
    int heads = (int) queries.shape()[1];
    int size = (int) queries.shape()[3];
    int keyHeads = (int) keys.shape()[1];
    int length = (int) keys.shape()[2];
    int from = window == 0 ? 0 : Math.max(0, length - window);
    float[] attention = new float[heads * length];
    for (int h = 0; h < heads; h++) {
      int group = h / (heads / keyHeads);
      double sum = 0;
      double[] weights = new double[length];
      for (int t = from; t < length; t++) {
        double dot = 0;
        for (int i = 0; i < size; i++) {
          dot +=
              (double) queries.values()[h * size + i]
                  * keys.values()[(group * length + t) * size + i];
        }
        weights[t] = Math.exp(dot);
        sum += weights[t];
      }
      for (int t = 0; t < length; t++) {
        attention[h * length + t] = (float) (weights[t] / sum);
      }
    }
    return attention;
  }

  /**
   * Softmax over all keys for each query, [H, R, T].
   *
   * @param queries [1, H, R, d]
   * @param keys [1, H, T, d]
   */
  static float[] attention(Floats queries, Floats keys) {
    int rows = (int) queries.shape()[2];
    int size = (int) queries.shape()[3];
    int heads = (int) queries.shape()[1];
    int length = (int) keys.shape()[2];
    float[] attention = new float[heads * rows * length];
    for (int row = 0; row < rows; row++) {
      float[] query = new float[heads * size];
      for (int h = 0; h < heads; h++) {
        System.arraycopy(queries.values(), (h * rows + row) * size, query, h * size, size);
      }
      float[] of = attentionOfLastRow(new Floats(query, new long[] {1, heads, 1, size}), keys, 0);
      for (int h = 0; h < heads; h++) {
        System.arraycopy(of, h * length, attention, (h * rows + row) * length, length);
      }
    }
    return attention;
  }

  /** The heads of [1, H, T, d] side by side, [T, H * d]. */
  static float[] joined(Floats heads) {
    int count = (int) heads.shape()[1];
    int length = (int) heads.shape()[2];
    int size = (int) heads.shape()[3];
    float[] joined = new float[count * length * size];
    for (int h = 0; h < count; h++) {
      for (int t = 0; t < length; t++) {
        System.arraycopy(
            heads.values(), (h * length + t) * size, joined, (t * count + h) * size, size);
      }
    }
    return joined;
  }
}
