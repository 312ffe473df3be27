package dev.squint.pruner.maths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Matrix;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EffectiveRankTest {
  // Values are exact in double precision but for the roots of rounding errors, 1e-8 of the largest.
  private static final double CLOSE = 1e-6;

  @Test
  void orthogonalRowsOfOneLength_haveTheirNumber() {
    float[] cells = new float[5 * 7];
    for (int i = 0; i < 5; i++) {
      cells[i * 7 + i] = 3;
    }

    assertThat(EffectiveRank.of(new Matrix(5, 7, cells))).isCloseTo(5, within(CLOSE));
  }

  @Test
  void rowsOnOneLine_haveOne() {
    Matrix line = Matrix.of(new float[] {1, 2}, new float[] {2, 4}, new float[] {-3, -6});

    assertThat(EffectiveRank.of(line)).isCloseTo(1, within(CLOSE));
    assertThat(EffectiveRank.of(Matrix.of(new float[] {7}))).isCloseTo(1, within(CLOSE));
    assertThat(EffectiveRank.of(Matrix.of(new float[] {0, 0}, new float[] {0, 0}))).isZero();
  }

  /** Shares 0.75 and 0.25; rotated, so that no zeros help. */
  @Test
  void theEntropyIsThatOfTheSingularValues() {
    double c = 0.6;
    double s = 0.8;
    Matrix two =
        Matrix.of(
            new float[] {(float) (3 * c), (float) (3 * s), 0},
            new float[] {(float) -s, (float) c, 0});
    double expected = Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)));
    assertThat(EffectiveRank.of(two)).isCloseTo(expected, within(CLOSE));
    assertThat(EffectiveRank.of(transposed(two))).isCloseTo(expected, within(CLOSE));
  }

  /**
   * Singular values 4, 2, 1 and 1, with shares 1/2, 1/4, 1/8 and 1/8: an entropy of 1.75 bits. The
   * columns of a reflection have these lengths, so that no product of two rows is zero.
   */
  @Test
  void rowsThatAreNotOrthogonal_haveTheRankOfTheirSingularValues() {
    float[] lengths = {4, 2, 1, 1};
    float[] cells = new float[16];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = lengths[i % 4] * (i / 4 == i % 4 ? 0.5f : -0.5f);
    }
    Matrix rows = new Matrix(4, 4, cells);

    assertThat(EffectiveRank.of(rows)).isCloseTo(Math.pow(2, 1.75), within(CLOSE));
    assertThat(EffectiveRank.of(transposed(rows))).isCloseTo(Math.pow(2, 1.75), within(CLOSE));
  }

  @Test
  void randomRows_areBelowTheRank_andScalingChangesNothing() {
    Random random = new Random(4);
    float[] cells = new float[30 * 12];
    float[] scaled = new float[cells.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = (float) random.nextGaussian();
      scaled[i] = cells[i] * 1024;
    }
    double rank = EffectiveRank.of(new Matrix(30, 12, cells));

    assertThat(rank).isBetween(10.0, 12.0);
    assertThat(EffectiveRank.of(new Matrix(30, 12, scaled))).isCloseTo(rank, within(CLOSE));
    assertThat(EffectiveRank.of(transposed(new Matrix(30, 12, cells))))
        .isCloseTo(rank, within(CLOSE));
  }

  private static Matrix transposed(Matrix matrix) {
    float[] cells = new float[matrix.rows() * matrix.cols()];
    for (int row = 0; row < matrix.rows(); row++) {
      for (int col = 0; col < matrix.cols(); col++) {
        cells[col * matrix.rows() + row] = matrix.get(row, col);
      }
    }
    return new Matrix(matrix.cols(), matrix.rows(), cells);
  }
}
