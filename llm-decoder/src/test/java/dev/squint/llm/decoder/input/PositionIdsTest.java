package dev.squint.llm.decoder.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PositionIdsTest {

  private static final PositionIds APART =
      PositionIds.of(new long[] {4, 4, 4}, new long[] {4, 4, 5}, new long[] {4, 5, 4});

  @Test
  void someTokensKeepTheirNumbersOnEveryAxis() {
    int[] tokens = {0, 2};
    assertThat(APART.of(tokens))
        .isEqualTo(PositionIds.of(new long[] {4, 4}, new long[] {4, 5}, new long[] {4, 4}));
  }

  @Test
  void oneAxisServesGraphsOfThree() {
    assertThat(PositionIds.counting(7, 2).values(3)).containsExactly(7, 8, 7, 8, 7, 8);
    assertThat(PositionIds.counting(7, 2).values(1)).containsExactly(7, 8);
    assertThat(APART.values(3)).containsExactly(4, 4, 4, 4, 4, 5, 4, 5, 4);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> APART.values(1))
        .hasMessage("positions have 3 axes but the graph takes 1");
    assertThatThrownBy(() -> PositionIds.of(new long[] {0, 1}, new long[] {0}))
        .hasMessage("the axes have 2 and 1 positions; each token needs one on every axis");
    assertThatThrownBy(() -> PositionIds.counting(0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
