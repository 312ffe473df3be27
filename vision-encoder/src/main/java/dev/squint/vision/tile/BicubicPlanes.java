package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;

/**
 * Planes of floats squeezed to a square by cubic convolution without smoothing, as PyTorch's {@code
 * interpolate} does: four samples a side, a = -0.75, samples beyond a border repeat it (Keys, IEEE
 * Transactions on Acoustics, Speech and Signal Processing 29(6), 1981).
 */
final class BicubicPlanes {

  private static final float A = -0.75f;
  private static final int TAPS = 4;

  private BicubicPlanes() {}

  /**
   * Resizes three planes.
   *
   * @param planes [3, height, width]
   * @return [3, edge, edge]
   */
  static float[] squeezed(float[] planes, Dimensions size, int edge) {
    Axis across = Axis.of(size.width(), edge);
    Axis down = Axis.of(size.height(), edge);
    float[] squeezed = new float[3 * edge * edge];
    int to = 0;
    for (int plane = 0; plane < 3; plane++) {
      int start = plane * size.width() * size.height();
      for (int row = 0; row < edge; row++) {
        for (int col = 0; col < edge; col++) {
          float sum = 0;
          for (int i = 0; i < TAPS; i++) {
            int line = start + down.from[row][i] * size.width();
            float inLine = 0;
            for (int j = 0; j < TAPS; j++) {
              inLine += across.weight[col][j] * planes[line + across.from[col][j]];
            }
            sum += down.weight[row][i] * inLine;
          }
          squeezed[to++] = sum;
        }
      }
    }
    return squeezed;
  }

  /** For each new row or column, which old ones it is made of. */
  private record Axis(int[][] from, float[][] weight) {

    static Axis of(int before, int after) {
      int[][] from = new int[after][TAPS];
      float[][] weight = new float[after][TAPS];
      float scale = (float) before / after;
      for (int i = 0; i < after; i++) {
        float at = scale * (i + 0.5f) - 0.5f;
        int first = (int) Math.floor(at) - 1;
        for (int j = 0; j < TAPS; j++) {
          from[i][j] = Math.min(Math.max(first + j, 0), before - 1);
          weight[i][j] = weight(Math.abs(at - (first + j)));
        }
      }
      return new Axis(from, weight);
    }

    private static float weight(float distance) {
      return distance <= 1
          ? ((A + 2) * distance - (A + 3)) * distance * distance + 1
          : ((A * distance - 5 * A) * distance + 8 * A) * distance - 4 * A;
    }
  }
}
