package dev.squint.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class SampledShareTest {

  @Test
  void twoOfFour_byHand() {
    // Two right of two asked: with 2, 3, 4 right of all four, that happens in 1/6, 1/2, 1 of draws.
    assertThat(SampledShare.of(2, 2, 4, 0.5)).isEqualTo(new Interval(1, 0.75, 1));
    assertThat(SampledShare.of(2, 2, 4, 0.3)).isEqualTo(new Interval(1, 0.5, 1));
    assertThat(SampledShare.of(1, 2, 4, 0.5)).isEqualTo(new Interval(0.5, 0.25, 0.75));
    assertThat(SampledShare.of(0, 2, 4, 0.5)).isEqualTo(new Interval(0, 0, 0.25));
    // A half counts as nothing for the lower bound, as a whole for the upper one.
    assertThat(SampledShare.of(0.5, 2, 4, 0.5)).isEqualTo(new Interval(0.25, 0, 0.75));
  }

  @Test
  void sampleOfAllQuestions_isExact() {
    assertThat(SampledShare.of(3, 4, 4, 0.01)).isEqualTo(new Interval(0.75, 0.75, 0.75));
  }

  @Test
  void missesTheTruthAtMostAsOftenAsItSays() {
    int all = 30;
    int asked = 10;
    double doubt = 0.1;
    for (int total = 0; total <= all; total++) {
      double missed = 0;
      for (int right = Math.max(0, asked - all + total); right <= Math.min(asked, total); right++) {
        Interval interval = SampledShare.of(right, asked, all, doubt);
        double share = (double) total / all;
        if (share < interval.low() - 1e-9 || share > interval.high() + 1e-9) {
          missed +=
              choose(total, right).multiply(choose(all - total, asked - right)).doubleValue()
                  / choose(all, asked).doubleValue();
        }
      }
      assertThat(missed).as("%d right of %d", total, all).isLessThanOrEqualTo(doubt);
    }
    assertThat(SampledShare.of(5, asked, all, doubt).low()).isGreaterThan(0.25);
    assertThat(SampledShare.of(5, asked, all, doubt).high()).isLessThan(0.75);
  }

  @Test
  void countsThatAreNoSample_areRefused() {
    assertThatThrownBy(() -> SampledShare.of(1, 0, 4, 0.1)).hasMessageContaining("no sample");
    assertThatThrownBy(() -> SampledShare.of(1, 5, 4, 0.1)).hasMessageContaining("no sample");
    assertThatThrownBy(() -> SampledShare.of(3, 2, 4, 0.1)).hasMessageContaining("no sample");
  }

  private static BigInteger choose(int n, int k) {
    BigInteger ways = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      ways = ways.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
    }
    return ways;
  }
}
