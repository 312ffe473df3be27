package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import org.junit.jupiter.api.Test;

class AgilePrunerTest {

  /** East three times, the second one 0.02 away from the first, then north and west. */
  private static final Matrix HIDDEN =
      Matrix.of(
          new float[] {1, 0},
          new float[] {0.98f, 0.199f},
          new float[] {5, 0},
          new float[] {0, 1},
          new float[] {-1, 0});

  /** The attention falls with the index, so the effective rank decides alone. */
  private static int[] kept(double average, double limit, int budget) {
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, 5),
            HIDDEN,
            EvidenceSet.nothing()
                .with(
                    new ClsAttention(-1),
                    Attention.of(Matrix.of(new float[] {0.5f, 0.4f, 0.3f, 0.2f, 0.1f})))
                .with(new EncoderHidden(-1), HIDDEN));
    return new AgilePruner(average, limit).reduce(tokens, Budget.count(budget)).kept();
  }

  /** The first threshold is 0.01 times the rank of about 1.5 divided by the average. */
  @Test
  void aSimplePicture_losesOnlyEqualTokens_aComplexOneAlsoSimilarOnes() {
    // 0.0015: only token 2 has the same direction as token 0.
    assertThat(kept(10, 1, 3)).containsExactly(0, 1, 3);
    // 0.15: token 1 is near too.
    assertThat(kept(0.1, 1, 3)).containsExactly(0, 3, 4);
    // At most 0.01 again.
    assertThat(kept(0.1, 0.01, 3)).containsExactly(0, 1, 3);
    // No token is nearer than 0.
    assertThat(kept(0.1, 0, 3)).containsExactly(0, 1, 2);
  }

  @Test
  void theThresholdGrowsWithThePlaceInTheOrder() {
    // North is fourth: 4 x 0.01 x 1.5 / 0.05 = 1.2 is more than the distance 1 of west.
    assertThat(kept(0.05, 2, 3)).containsExactly(0, 1, 3);
  }

  @Test
  void whereTooFewAreLeft_theMostAttendedOfTheRemovedFollow() {
    assertThat(kept(0.1, 2, 4)).containsExactly(0, 1, 3, 4);
    assertThat(kept(0.1, 2, 5)).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void parametersOutsideTheirRangesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AgilePruner(0, 0.5))
        .withMessage("average must be above 0 but was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AgilePruner(20, 2.5))
        .withMessage("limit must be in [0, 2] but was 2.5");
  }
}
