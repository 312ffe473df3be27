package dev.squint.testing;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ClosenessTest {
  private static final float[] EXPECTED = {-200, 1, 0, Float.NEGATIVE_INFINITY};

  @Test
  void relativeTolerance_isAShareOfTheLargestMagnitude() {
    float[] actual = {-200, 1.15f, -0.1f, Float.NEGATIVE_INFINITY};

    assertClose(actual, EXPECTED, Tolerance.relative(1e-3), "values");
    assertThatThrownBy(() -> assertClose(actual, EXPECTED, Tolerance.relative(5e-4), "of %d", 7))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "of 7: element 1 of 4 is the worst: expected 1.0 but was 1.15, a difference of 0.150;"
                + " the allowed difference is 0.100 at the scale 200");
  }

  @Test
  void absoluteTolerance_isTheSameAtEveryScale() {
    assertClose(1.05, 1, Tolerance.absolute(0.1), "value");
    assertClose(1000.05, 1000, Tolerance.absolute(0.1), "value");
    assertThatThrownBy(() -> assertClose(1000.2, 1000, Tolerance.absolute(0.1), "value"))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void nanAndOtherInfinities_areFarFromEverything() {
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0}) {
      assertThatThrownBy(
              () ->
                  assertClose(
                      new float[] {-200, 1, 0, wrong}, EXPECTED, Tolerance.relative(1), "values"))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("element 3 of 4");
    }
    assertThatThrownBy(
            () -> assertClose(Double.NaN, Double.NaN, Tolerance.absolute(1), "not a number"))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void otherLength_isNamed() {
    assertThatThrownBy(() -> assertClose(new float[3], EXPECTED, Tolerance.absolute(1), "values"))
        .hasMessage("values: expected 4 values but got 3");
  }

  @Test
  void zeroTolerance_isEquality() {
    assertClose(EXPECTED, EXPECTED.clone(), Tolerance.absolute(0), "values");
    assertClose(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, Tolerance.relative(1), "value");
    assertThat(Closeness.scale(EXPECTED)).isEqualTo(200);
    assertThatIllegalArgumentException().isThrownBy(() -> Tolerance.relative(Double.NaN));
  }
}
