package dev.squint.pruner.maths;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BipartiteMergeTest {

  /**
   * Five tokens of three values to two. Round one compares 3 with 2 tokens and merges two: 5 unit
   * rows of 11 operations, 6 products of 6, then means over 5 rows of 3, weighted. Round two
   * compares 2 with 1: 3 unit rows, 2 products.
   */
  @Test
  void operationsAreThoseOfTheRounds() {
    assertThat(BipartiteMerge.operations(5, 2, 3, false))
        .isEqualTo((5 * 11 + 6 * 6 + 2 * 5 * 3) + (3 * 11 + 2 * 6));
    assertThat(BipartiteMerge.operations(5, 5, 3, false)).isZero();
  }
}
