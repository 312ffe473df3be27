package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InactiveHeadsTest {
  private static final List<List<Double>> ATTENTION =
      List.of(List.of(0.0, 0.0), List.of(0.0, 0.0), List.of(0.3, 0.1), List.of(0.2, 0.4));

  @Test
  void theLeastAttentiveHeadsOfTheMiddleLayersGo() {
    assertThat(InactiveHeads.lowest(ATTENTION, 0.9))
        .containsExactly(Set.of(), Set.of(), Set.of(1), Set.of(), Set.of());
    assertThat(InactiveHeads.lowest(ATTENTION, 0.8))
        .containsExactly(Set.of(), Set.of(), Set.of(1), Set.of(0), Set.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InactiveHeads.lowest(ATTENTION, 0.7))
        .withMessageStartingWith("3 of 10 heads are to go, but only 2 may");
  }
}
