package dev.squint.pruner.maths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Matrix;
import java.util.List;
import org.junit.jupiter.api.Test;

class RidgeRegressionTest {
  private static final List<Matrix> ROWS =
      List.of(
          Matrix.of(new float[] {0, 0, 5}, new float[] {1, 0, 5}),
          Matrix.of(new float[] {0, 1, 5}, new float[] {1, 1, 5}));
  // 2 a - b + 3; the third column is the same in all rows.
  private static final List<double[]> TARGETS = List.of(new double[] {3, 5}, new double[] {2, 4});

  @Test
  void withoutAPenalty_aLinearFunctionIsFound() {
    RidgeRegression found = new RidgeRegression.Data(ROWS, TARGETS).fit(1e-12);

    assertThat(found.weights()).containsExactly(new double[] {2, -1, 0}, within(1e-9));
    assertThat(found.intercept()).isCloseTo(3, within(1e-9));
    assertThat(found.of(ROWS.get(1), 1)).isCloseTo(4, within(1e-9));
  }

  @Test
  void aPenaltyOfOneRowEach_halvesTheWeights() {
    // Columns are counted in deviations, whose squares sum to the number of rows.
    RidgeRegression found = new RidgeRegression.Data(ROWS, TARGETS).fit(1);

    assertThat(found.weights()).containsExactly(new double[] {1, -0.5, 0}, within(1e-9));
    assertThat(found.intercept()).isCloseTo(3.25, within(1e-9));
  }

  @Test
  void noRow_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RidgeRegression.Data(List.of(), List.of()))
        .withMessage("there is no row to fit");
  }
}
