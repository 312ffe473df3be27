package dev.squint.pruner.method.cache;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import java.util.Arrays;

/**
 * Lines of numbers in codes, groups of a line sharing a step; the largest and smallest numbers of a
 * line stay as they are, and so does what does not fill a group.
 *
 * @param codes the groups that are full, [lines, coded]
 * @param rest what follows on them, [lines, length - coded]
 * @param places of the outliers of each line, [lines, 2 * outliers]
 * @param outliers [lines, 2 * outliers]
 */
record CodedLines(QuantizedMatrix codes, Matrix rest, short[][] places, Matrix outliers) {

  /**
   * Codes of lines, with so many of the largest and of the smallest numbers of each as they are.
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

  /** Takes the outliers out and puts the mean of the line in their places. */
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

  /** The lines as they are read back. */
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

  /** Bytes that it holds; two for the place of an outlier. */
  long bytes() {
    return codes.bytes()
        + (long) Float.BYTES * (rest.data().length + outliers.data().length)
        + (long) Short.BYTES * outliers.data().length;
  }
}
