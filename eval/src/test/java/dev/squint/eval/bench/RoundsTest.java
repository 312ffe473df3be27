package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {

  @Test
  void subjectsRunInTurn_andTheWarmUpIsNotCounted() {
    List<String> order = new ArrayList<>();
    double[] next = {100, 1, 2, 9};
    int[] round = {0};
    Rounds rounds =
        Rounds.interleaved(
            3,
            List.of(
                () -> {
                  order.add("a");
                  return new double[] {next[round[0]++]};
                },
                () -> {
                  order.add("b");
                  return new double[] {4};
                }));
    assertThat(order).containsExactly("b", "a", "a", "b", "b", "a", "a", "b");
    assertThat(rounds.median(0, 0)).isEqualTo(2);
    assertThat(rounds.ratio(0, 1, 0)).isEqualTo(0.5);
  }

  @Test
  void share_isTheMedianOfSharesPerRound() {
    double[] next = {1, 4, 9};
    int[] round = {0};
    Rounds rounds = Rounds.cold(3, List.of(() -> new double[] {next[round[0]++], 2}));
    assertThat(rounds.share(0, 0, 1)).isEqualTo(2);
  }

  @Test
  void medianOfAnEvenCount_isTheMeanOfTheMiddleTwo() {
    assertThat(Rounds.median(new double[] {5, 1, 2, 100})).isEqualTo(3.5);
  }

  @Test
  void processorTime_increasesDuringComputation() {
    Clock begun = Clock.now();
    double sum = 0;
    while (begun.since().processorMillis() < 30) {
      sum += Math.sin(sum + 1);
    }
    assertThat(sum).isNotNaN();
    assertThat(begun.since().millis()).isPositive();
  }

  @Test
  void evenStages_coverAllLayers() {
    assertThat(Decoders.even(30, 4).cutAfter()).containsExactly(6, 14, 21);
    assertThat(Decoders.even(3, 3).cutAfter()).containsExactly(0, 1);
    assertThat(Decoders.even(8, 1).cutAfter()).isEmpty();
  }

  @Test
  void shares_sumToOne() {
    TimeShares shares = new TimeShares(30, 50, 20).shares();
    assertThat(shares.encoder() + shares.prefill() + shares.decode()).isCloseTo(1, within(1e-9));
    assertThat(shares.prefill()).isEqualTo(0.5);
  }
}
