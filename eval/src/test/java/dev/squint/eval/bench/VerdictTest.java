package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.bench.Verdict.Gain;
import org.junit.jupiter.api.Test;

class VerdictTest {

  private static final Gain SAME = new Gain(1, 1.01);

  @Test
  void planAsFastAsPromised_pays() {
    Verdict verdict = Verdict.of(new Gain(1.85, 2), SAME, 0.01);

    assertThat(verdict.pays()).isTrue();
    assertThat(verdict.why())
        .isEqualTo(
            "prefill time agrees with its operations; "
                + "decoding reads the same weights and almost the same cache");
  }

  @Test
  void expensiveChoice_doesNotPay() {
    Verdict verdict = Verdict.of(new Gain(0.9, 2), SAME, 0.6);

    assertThat(verdict.pays()).isFalse();
    assertThat(verdict.why())
        .startsWith("choosing tokens takes 60 % of a prefill; fewer operations save 50 %");
  }

  @Test
  void slowPrefillWithCheapChoice_isNotBlamedOnTheChoice() {
    assertThat(Verdict.of(new Gain(1.2, 2), SAME, 0.01).why())
        .startsWith("prefill takes 1.7 times as long as its operations predict");
  }

  @Test
  void cachePlan_paysByDecodingUnlessPrefillIsSlower() {
    Gain faster = new Gain(1.3, 1.4);

    assertThat(Verdict.of(SAME, faster, 0).pays()).isTrue();
    assertThat(Verdict.of(SAME, faster, 0).why())
        .isEqualTo(
            "prefill has almost as many operations as without a plan; decoding reads a smaller cache");
    assertThat(Verdict.of(new Gain(0.5, 1), faster, 0.5).pays()).isFalse();
  }

  @Test
  void gainWithoutFewerOperations_isNoise() {
    assertThat(Verdict.of(SAME, new Gain(1.3, 1.02), 0).pays()).isFalse();
    assertThat(Verdict.of(new Gain(1.4, 1), SAME, 0).pays()).isFalse();
  }
}
