package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.bench.Verdict.Gain;
import org.junit.jupiter.api.Test;

class VerdictTest {

  private static final Gain SAME = new Gain(1, 1.01);

  @Test
  void aPlanThatIsAsFastAsPromised_pays() {
    Verdict verdict = Verdict.of(new Gain(1.85, 2), SAME, 0.01);

    assertThat(verdict.pays()).isTrue();
    assertThat(verdict.why())
        .isEqualTo(
            "prefill takes what its operations say; "
                + "decoding reads its weights as before, and hardly less cache");
  }

  @Test
  void aPlanWhoseChoiceCostsMoreThanItSaves_doesNotPay() {
    Verdict verdict = Verdict.of(new Gain(0.9, 2), SAME, 0.6);

    assertThat(verdict.pays()).isFalse();
    assertThat(verdict.why())
        .startsWith("choosing takes 60 % of a prefill, of which operations save 50 %");
  }

  @Test
  void aPlanThatLosesElsewhere_isNotBlamedOnItsChoice() {
    assertThat(Verdict.of(new Gain(1.2, 2), SAME, 0.01).why())
        .startsWith("prefill takes 1.7 times what its operations say");
  }

  @Test
  void aPlanOnTheCache_paysByDecodingUnlessPrefillLoses() {
    Gain faster = new Gain(1.3, 1.4);

    assertThat(Verdict.of(SAME, faster, 0).pays()).isTrue();
    assertThat(Verdict.of(SAME, faster, 0).why())
        .isEqualTo("prefill has hardly fewer operations; decoding has less to read");
    assertThat(Verdict.of(new Gain(0.5, 1), faster, 0.5).pays()).isFalse();
  }

  @Test
  void whatIsFasterWithoutFewerOperations_isScatter() {
    assertThat(Verdict.of(SAME, new Gain(1.3, 1.02), 0).pays()).isFalse();
    assertThat(Verdict.of(new Gain(1.4, 1), SAME, 0).pays()).isFalse();
  }
}
