package dev.squint.pruner.method.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.PixelChange;
import dev.squint.testing.Tolerance;
import org.junit.jupiter.api.Test;

/** Three frames of two tokens each. */
class TemporalReductionTest {
  // Two square roots and a quotient of floats, and 1 less a number near 1. Measured: 1.0e-7.
  private static final Tolerance SCORE = Tolerance.relative(1e-6);

  /** The second token turns a little in the second frame and much in the third. */
  private final PatchTokens tokens =
      PatchTokens.encoded(
          RandomTokens.frames(3, 1, 2),
          new Matrix(6, 2, new float[] {1, 0, 1, 0, 2, 0, 2, 1, 1, 0, 0, 1}),
          EvidenceSet.nothing());

  @Test
  void evs_keepsTheFirstFrameAndWhatIsNew() {
    assertThat(new Evs().reduce(tokens, Budget.count(3)).kept()).containsExactly(0, 1, 5);
    assertThat(new Evs().reduce(tokens, Budget.count(4)).kept()).containsExactly(0, 1, 3, 5);
    assertThat(new Evs().reduce(tokens, Budget.count(1)).kept()).containsExactly(0);
  }

  @Test
  void evs_scoresAreOneMinusCosine() {
    float[] scores = new Evs().score(tokens);

    assertThat(scores[2]).isEqualTo(0);
    assertClose(scores[3], 1 - 2 / Math.sqrt(5), SCORE, "score 3");
    assertClose(scores[5], 1 - 1 / Math.sqrt(5), SCORE, "score 5");
  }

  @Test
  void mergeFrames_meansWhatStaysAlike() {
    TokenReduction reduction = new MergeFrames(0.85).reduce(tokens, Budget.adaptive());

    assertThat(reduction.kept()).containsExactly(0, 1, 5);
    assertThat(reduction.target()).containsExactly(0, 1, 0, 1, 0, 2);
    Matrix merged = reduction.apply(tokens.features());
    assertThat(merged.get(0, 0)).isEqualTo(4 / 3f);
    assertThat(merged.get(1, 0)).isEqualTo(1.5f);
    assertThat(merged.get(1, 1)).isEqualTo(0.5f);
  }

  @Test
  void staticPatches_dropsWhatStandsStill() {
    PatchTokens known =
        tokens.with(new PixelChange(), new Matrix(6, 1, new float[] {1, 1, 0, 0.5f, 0.01f, 0.2f}));

    assertThat(new StaticPatches(0.02).reduce(known, Budget.adaptive()).kept())
        .containsExactly(0, 1, 3, 5);
    assertThat(new StaticPatches(0.02).reduce(known, Budget.count(3)).kept())
        .containsExactly(0, 1, 3);
  }
}
