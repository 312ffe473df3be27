package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MatrixTest {

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
    assertThat(Matrix.of(new float[] {0, 0}, new float[] {3, 4}).unitRows().data())
        .containsExactly(new float[] {0, 0, 0.6f, 0.8f}, within(1e-6f));
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

  @Property(tries = 50)
  void theBlockedProductIsTheProduct(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 70) int n,
      @ForAll @IntRange(min = 1, max = 150) int m,
      @ForAll @IntRange(min = 1, max = 9) int d) {
    Matrix a = RandomTokens.of(seed, RandomTokens.single(1, 1)).matrix(n, d);
    Matrix b = RandomTokens.of(seed + 1, RandomTokens.single(1, 1)).matrix(m, d);

    Matrix product = a.timesTransposed(b);

    for (int i = 0; i < n; i++) {
      for (int j = 0; j < m; j++) {
        double expected = 0;
        for (int c = 0; c < d; c++) {
          expected += (double) a.get(i, c) * b.get(j, c);
        }
        assertThat(product.get(i, j)).isEqualTo((float) expected, within(1e-5f));
      }
    }
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
