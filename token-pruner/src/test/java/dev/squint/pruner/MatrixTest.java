package dev.squint.pruner;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.testing.RandomTries;
import dev.squint.testing.Tolerance;
import org.junit.jupiter.api.Test;

class MatrixTest {
  // A square root and a quotient of floats. Measured: 0.
  private static final Tolerance UNIT = Tolerance.relative(1e-6);
  // A sum of up to nine products of floats against one of doubles. Measured over random matrices:
  // 1.6e-7 of the scale.
  private static final Tolerance PRODUCT = Tolerance.relative(2e-6);

  @Test
  void picksAndReduces() {
    Matrix matrix = Matrix.of(new float[] {1, 2, 3}, new float[] {4, 5, 6});

    assertThat(matrix.rows(new int[] {1, 1}))
        .isEqualTo(Matrix.of(new float[] {4, 5, 6}, new float[] {4, 5, 6}));
    assertThat(matrix.columns(new int[] {2, 0}))
        .isEqualTo(Matrix.of(new float[] {3, 1}, new float[] {6, 4}));
    assertThat(matrix.columnSums()).containsExactly(5, 7, 9);
    assertThat(matrix.columnMeans()).containsExactly(2.5f, 3.5f, 4.5f);
    assertThat(matrix.minus(new float[] {1, 1, 1}).row(1)).containsExactly(3, 4, 5);
  }

  @Test
  void aRowOfZerosStaysZeros() {
    assertClose(
        Matrix.of(new float[] {0, 0}, new float[] {3, 4}).unitRows().data(),
        new float[] {0, 0, 0.6f, 0.8f},
        UNIT,
        "unit rows");
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Matrix(2, 3, new float[5]))
        .withMessage("a matrix of 2 x 3 cannot hold 5 floats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Matrix.of(new float[] {1}).timesTransposed(Matrix.of(new float[] {1, 2})))
        .withMessage("rows of 1 floats do not match rows of 2");
  }

  @Test
  void theBlockedProductIsTheProduct() {
    RandomTries.of(
        50,
        draws ->
            assertProduct(
                draws.anyLong(), draws.integer(0, 70), draws.integer(1, 150), draws.integer(1, 9)));
  }

  private static void assertProduct(long seed, int n, int m, int d) {
    Matrix a = RandomTokens.of(seed, RandomTokens.single(1, 1)).matrix(n, d);
    Matrix b = RandomTokens.of(seed + 1, RandomTokens.single(1, 1)).matrix(m, d);

    Matrix product = a.timesTransposed(b);

    float[] expected = new float[n * m];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < m; j++) {
        double sum = 0;
        for (int c = 0; c < d; c++) {
          sum += (double) a.get(i, c) * b.get(j, c);
        }
        expected[i * m + j] = (float) sum;
      }
    }
    assertClose(product.data(), expected, PRODUCT, "product of %d and %d rows of %d", n, m, d);
  }

  @Test
  void aProductWithItselfIsSymmetricToTheLastBit() {
    Matrix a = RandomTokens.of(3, RandomTokens.single(1, 1)).matrix(130, 37);
    Matrix product = a.timesOwnTransposed();

    assertThat(product).isEqualTo(a.timesTransposed(a));

    for (int i = 0; i < 130; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(product.get(i, j)).isEqualTo(product.get(j, i));
      }
    }
  }
}
