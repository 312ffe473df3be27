package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.testing.RandomTries;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ApportionmentTest {

  @Test
  void fractionsGoToTheLargestRemainders() {
    // Quotas 2.8, 1.4, 2.8.
    assertThat(Apportionment.share(7, new double[] {2, 1, 2}, new int[] {9, 9, 9}))
        .containsExactly(3, 1, 3);
    // Quotas 0.5, 0.5: the earlier one.
    assertThat(Apportionment.share(1, new double[] {1, 1}, new int[] {9, 9})).containsExactly(1, 0);
  }

  @Test
  void whatDoesNotFitGoesToTheOthers() {
    assertThat(Apportionment.share(10, new double[] {8, 1, 1}, new int[] {2, 9, 9}))
        .containsExactly(2, 4, 4);
  }

  @Test
  void withoutWeightsItSharesByRoom() {
    assertThat(Apportionment.share(3, new double[] {0, 0}, new int[] {4, 2})).containsExactly(2, 1);
  }

  @Test
  void refusesMoreThanThereIsRoomFor() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Apportionment.even(4, new int[] {1, 2}))
        .withMessage("cannot divide 4 tokens: all capacities together are 3; give a smaller total");
  }

  @Test
  void addsUpAndStaysNearTheQuotas() {
    RandomTries.of(1000, draws -> assertAddsUp(draws.anyLong()));
  }

  private static void assertAddsUp(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = random.nextInt(1, 20);
    int[] capacities = random.ints(n, 0, 100).toArray();
    double[] weights = random.doubles(n).map(w -> w < 0.2 ? 0 : w).toArray();
    int total = random.nextInt(IntStream.of(capacities).sum() + 1);

    int[] shares = Apportionment.share(total, weights, capacities);

    assertThat(IntStream.of(shares).sum()).isEqualTo(total);
    for (int i = 0; i < n; i++) {
      assertThat(shares[i]).isBetween(0, capacities[i]);
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        // Who has more weight and more room does not get less.
        if (weights[i] >= weights[j] && capacities[i] >= capacities[j]) {
          assertThat(shares[i]).isGreaterThanOrEqualTo(shares[j] - 1);
        }
      }
    }
  }
}
