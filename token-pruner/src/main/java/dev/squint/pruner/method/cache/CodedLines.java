package dev.squint.pruner.method.cache;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import java.util.Arrays;

/**
 * Lines of numbers as quantization codes. The groups of a line share a step. The largest and
 * smallest numbers of a line (outliers) and the numbers after the last full group stay floats.
 *
 * @param codes codes of the full groups, [lines, coded]
 * @param rest floats after the last full group, [lines, length - coded]
 * @param places index of each outlier in its line, [lines, 2 * outliers]
 * @param outliers values of the outliers, [lines, 2 * outliers]
 */
record CodedLines(QuantizedMatrix codes, Matrix rest, short[][] places, Matrix outliers) {

  /**
   * Quantizes lines. In each line {@code outliers} of the largest and as many of the smallest
   * numbers stay floats.
   */
  static CodedLines of(Matrix lines, int bits, int group, int outliers) {
    int coded = lines.cols() / group * group;
    int each = Math.min(outliers, lines.cols() / 2);
    float[][] inner = new float[lines.rows()][];
    float[][] rest = new float[lines.rows()][];
    float[][] kept = new float[lines.rows()][2 * each];
    short[][] places = new short[lines.rows()][2 * each];
    for (int l = 0; l < inner.length; l++) {
      float[] line = lines.row(l);
      int[] order = each == 0 ? new int[0] : Ranking.descending(line);
      for (int i = 0; i < each; i++) {
        places[l][i] = (short) order[i];
        places[l][each + i] = (short) order[order.length - 1 - i];
      }
      withoutOutliers(line, places[l], kept[l]);
      inner[l] = Arrays.copyOf(line, coded);
      rest[l] = Arrays.copyOfRange(line, coded, line.length);
    }
    return new CodedLines(
        QuantizedMatrix.of(Matrix.of(inner), bits, 1, group),
        Matrix.of(rest),
        places,
        Matrix.of(kept));
  }

  /** Replaces the outliers by the mean of the line. */
  private static void withoutOutliers(float[] line, short[] places, float[] into) {
    double sum = 0;
    for (float value : line) {
      sum += value;
    }
    for (int i = 0; i < places.length; i++) {
      into[i] = line[places[i] & 0xffff];
    }
    for (short place : places) {
      line[place & 0xffff] = (float) (sum / line.length);
    }
  }

  /** The dequantized lines. */
  Matrix read() {
    Matrix inner = codes.dequantised();
    int length = inner.cols() + rest.cols();
    float[] read = new float[inner.rows() * length];
    for (int l = 0; l < inner.rows(); l++) {
      System.arraycopy(inner.data(), l * inner.cols(), read, l * length, inner.cols());
      System.arraycopy(rest.data(), l * rest.cols(), read, l * length + inner.cols(), rest.cols());
      for (int i = 0; i < places[l].length; i++) {
        read[l * length + (places[l][i] & 0xffff)] = outliers.get(l, i);
      }
    }
    return new Matrix(inner.rows(), length, read);
  }

  /** Size in bytes; the index of an outlier takes two. */
  long bytes() {
    return codes.bytes()
        + (long) Float.BYTES * (rest.data().length + outliers.data().length)
        + (long) Short.BYTES * outliers.data().length;
  }
}
