package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

public class PruneVidTest {

  public static void agreesWith(GoldenCase golden) {
    int frames = golden.integer("params.frames");
    Matrix features = golden.matrix("inputs.features_[F*n,D]");
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(frames, 1, golden.integer("params.tokens_per_frame")),
            features,
            EvidenceSet.nothing());
    PruneVid method =
        new PruneVid(
            golden.number("params.similarity"),
            golden.number("params.scenes"),
            golden.number("params.clusters"));

    TokenReduction reduction = method.reduce(tokens, Budget.adaptive());

    golden.assertIntegers("outputs.scenes", method.sceneLengths(tokens));
    int[] labels = golden.integers("outputs.labels_[F]");
    assertThat(PruneVid.lengths(labels)).containsExactly(method.sceneLengths(tokens));
    int still = Arrays.stream(golden.integers("outputs.still")).sum();
    int changing = Arrays.stream(golden.integers("outputs.changing")).sum();
    assertThat(reduction.after()).isEqualTo(still + changing);
    golden.assertMatrix("outputs.features_sorted_[k,D]", sorted(reduction.apply(features)));
  }

  /** The rows, in the order of their values. */
  static Matrix sorted(Matrix rows) {
    float[][] sorted = new float[rows.rows()][];
    Arrays.setAll(sorted, rows::row);
    Arrays.sort(sorted, Arrays::compare);
    return Matrix.of(sorted);
  }

  @Test
  void aLargeGroup_keepsOneTokenAtLeast() {
    // One scene of two frames of 16 tokens, all of which stay the same.
    Matrix features = new Matrix(32, 1, new float[32]);
    Arrays.fill(features.data(), 1);
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.frames(2, 4, 4), features, EvidenceSet.nothing());

    TokenReduction reduction = new PruneVid(0.8, 0.5, 0.05).reduce(tokens, Budget.adaptive());

    assertThat(reduction.after()).isEqualTo(1);
  }

  @Test
  void whatDoesNotChangeInAScene_isOneTokenForAllItsFrames() {
    // Three frames of two tokens: the first stays, the second turns.
    Matrix features =
        Matrix.of(
            new float[] {1, 0},
            new float[] {1, 0},
            new float[] {1, 0.1f},
            new float[] {0, 1},
            new float[] {1, -0.1f},
            new float[] {-1, 0});
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.frames(3, 1, 2), features, EvidenceSet.nothing());

    TokenReduction reduction = new PruneVid(0.8, 0.25, 0.5).reduce(tokens, Budget.adaptive());

    assertThat(reduction.target()).containsExactly(0, 1, 0, 2, 0, 3);
    assertThat(reduction.apply(features).row(0)).containsExactly(1, 0);
    // No token is as similar to its predecessor as that.
    assertThat(new PruneVid(0.999, 0.25, 0.5).reduce(tokens, Budget.adaptive()).isIdentity())
        .isTrue();
    // At most half of the six tokens.
    assertThat(new PruneVid(0.8, 0.25, 0.5).reduce(tokens, new Budget.Adaptive(0, 0.5)).after())
        .isEqualTo(3);
  }

  @Test
  void largeGroupsAreClustered() {
    // One frame of 16 tokens of four kinds.
    float[][] rows = new float[16][];
    for (int i = 0; i < 16; i++) {
      rows[i] = new float[] {i % 4 < 2 ? 1 : -1, i % 2 == 0 ? 1 : -1};
    }
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.frames(1, 1, 16), Matrix.of(rows), EvidenceSet.nothing());

    TokenReduction reduction = new PruneVid(0.8, 0.25, 0.25).reduce(tokens, Budget.adaptive());

    assertThat(reduction.after()).isEqualTo(4);
  }

  @Test
  void clustersOfFramesBecomeContiguous() {
    // A single frame joins the longer run beside it, the one before if they are equal.
    assertThat(PruneVid.refined(new int[] {0, 0, 1, 0, 0})).containsExactly(0, 0, 0, 0, 0);
    assertThat(PruneVid.refined(new int[] {2, 2, 0, 1, 1, 1})).containsExactly(2, 2, 1, 1, 1, 1);
    assertThat(PruneVid.refined(new int[] {2, 2, 0, 1, 1})).containsExactly(2, 2, 2, 1, 1);
    // The shorter run of a cluster joins its neighbour.
    assertThat(PruneVid.refined(new int[] {0, 0, 0, 1, 1, 1, 1, 0, 0}))
        .containsExactly(0, 0, 0, 1, 1, 1, 1, 1, 1);
    assertThat(PruneVid.refined(new int[] {1, 0, 2})).containsExactly(0, 0, 0);
    assertThat(PruneVid.lengths(new int[] {2, 2, 0, 1, 1})).containsExactly(2, 1, 2);
  }

  @Test
  void sharesOutsideTheirRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PruneVid(0.8, 0, 0.5))
        .withMessage("scenes and clusters must be in (0, 1] but were 0.0 and 0.5");
  }
}
