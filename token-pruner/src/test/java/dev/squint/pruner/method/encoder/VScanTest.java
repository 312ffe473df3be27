package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsAttentionAt;
import dev.squint.pruner.method.GoldenCase;
import org.junit.jupiter.api.Test;

public class VScanTest {
  private static final double DEPTH = 0.25;

  public static void agreesWith(GoldenCase golden) {
    int side = golden.integer("params.side");
    Matrix features = golden.matrix("inputs.features_[N,D]");
    PatchTokens tokens =
        tokens(
            side,
            side,
            features,
            golden.matrix("inputs.early_[H,N]"),
            golden.matrix("inputs.late_[H,N]"));

    TokenReduction reduction =
        new VScan(0.5, golden.integer("params.window"), DEPTH)
            .reduce(tokens, Budget.count(golden.integer("params.k")));

    golden.assertIntegers("outputs.kept", reduction.kept());
    golden.assertMatrix("outputs.features_[k,D]", reduction.apply(features));
  }

  @Test
  void windowsByTheEarlyLayer_theRestByTheLast_othersJoinTheMostSimilar() {
    // Two windows of 2 x 2 side by side: 0, 1, 4, 5 and 2, 3, 6, 7.
    Matrix features =
        Matrix.of(
            new float[] {1, 0},
            new float[] {1, 0.1f},
            new float[] {0, 1},
            new float[] {0, 3},
            new float[] {5, 0},
            new float[] {-1, 0},
            new float[] {0.1f, 1},
            new float[] {0, 5});
    Matrix early = Matrix.of(new float[] {9, 8, 0, 1, 7, 0, 0, 0});
    Matrix late = Matrix.of(new float[] {9, 0, 0, 9, 0, 8, 0, 0});
    PatchTokens tokens = tokens(2, 4, features, early, late);

    // One for each window: 0 and 3. Of the others the last layer takes 5, then the first: 1.
    TokenReduction reduction = new VScan(0.5, 2, DEPTH).reduce(tokens, Budget.count(4));

    assertThat(reduction.kept()).containsExactly(0, 1, 3, 5);
    assertThat(reduction.target()).containsExactly(0, 1, 2, 2, 0, 3, 2, 2);
    assertThat(reduction.apply(features).row(0)).containsExactly(3, 0);
    assertThat(new VScan(0, 2, DEPTH).reduce(tokens, Budget.count(3)).kept())
        .as("without windows")
        .containsExactly(0, 3, 5);
    assertThat(new VScan(1, 2, DEPTH).reduce(tokens, Budget.count(4)).kept())
        .as("windows alone")
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void theEarlyLayer_isAShareOfTheLayers() {
    // The sixth of the 24 layers that feed the projector, and the first of a small encoder.
    assertThat(new ClsAttentionAt(DEPTH).layer(23)).isEqualTo(5);
    assertThat(new ClsAttentionAt(DEPTH).layer(24)).isEqualTo(5);
    assertThat(new ClsAttentionAt(DEPTH).layer(2)).isZero();
    assertThat(new ClsAttentionAt(1).layer(12)).isEqualTo(11);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClsAttentionAt(0))
        .withMessage("depth must be in (0, 1] but was 0.0");
  }

  @Test
  void parametersOutsideTheirRangesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VScan(1.5, 6, DEPTH))
        .withMessage("local must be in [0, 1] but was 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VScan(0.5, 0, DEPTH))
        .withMessage("window must be at least 1 but was 0");
  }

  private static PatchTokens tokens(
      int rows, int cols, Matrix features, Matrix early, Matrix late) {
    return PatchTokens.encoded(
        RandomTokens.single(rows, cols),
        features,
        EvidenceSet.nothing()
            .with(new ClsAttentionAt(DEPTH), Attention.of(early))
            .with(new ClsAttention(-1), Attention.of(late)));
  }
}
