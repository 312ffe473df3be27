package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BudgetTest {

  @Test
  void ratiosRoundHalvesToEvenAndKeepAtLeastOne() {
    assertThat(Budget.ratio(0.25).tokens(576)).isEqualTo(144);
    assertThat(Budget.ratio(0.125).tokens(100)).isEqualTo(12);
    assertThat(Budget.ratio(0.5).tokens(3)).isEqualTo(2);
    assertThat(Budget.ratio(0.001).tokens(5)).isEqualTo(1);
    assertThat(Budget.ratio(0.5).tokens(0)).isZero();
    assertThat(Budget.ratio(1).tokens(7)).isEqualTo(7);
  }

  @Test
  void countsKeepAllWhereThereAreFewer() {
    assertThat(Budget.count(64).tokens(144)).isEqualTo(64);
    assertThat(Budget.count(64).tokens(36)).isEqualTo(36);
  }

  @Test
  void adaptiveBudgetsBoundTheMethodsWish() {
    Budget bounds = new Budget.Adaptive(0.1, 0.5);

    assertThat(bounds.tokens(100, 3)).isEqualTo(10);
    assertThat(bounds.tokens(100, 30)).isEqualTo(30);
    assertThat(bounds.tokens(100, 80)).isEqualTo(50);
    assertThat(Budget.adaptive().tokens(100, 100)).isEqualTo(100);
    assertThat(Budget.ratio(0.25).tokens(100, 80)).isEqualTo(25);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bounds.tokens(100))
        .withMessageContaining("keep=RATIO");
  }

  @Test
  void refusesNonsense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Budget.ratio(0))
        .withMessage("keep must be in (0, 1] but was 0.0");
    assertThatIllegalArgumentException().isThrownBy(() -> Budget.ratio(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> Budget.count(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Budget.Adaptive(0.5, 0.1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Budget.Adaptive(0, 0));
  }
}
