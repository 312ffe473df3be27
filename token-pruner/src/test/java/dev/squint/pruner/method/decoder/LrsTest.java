package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.AnyRes;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.tiles.LrsTilesTest;
import org.junit.jupiter.api.Test;

public class LrsTest {

  public static void agreesWith(GoldenCase golden) {
    float[] attention = golden.floats("inputs.attn_[N]");
    LrsTilesTest.agreesWith(golden, attention);
    // With each row's newline, which is no token here.
    golden.ignore("outputs.pruned_kept_indices_same_level");
    golden.assertIntegers(
        "outputs.threshold0.2_percentile_normalised_indices",
        new Lrs(0.2).aboveThreshold(attention));
  }

  @Test
  void headsCountAlikeWhateverTheyGiveToTheCrops() {
    // The first head pays little attention to the crops; most of that goes to token 5.
    float[] first = {0.9f, 0, 0, 0, 0.001f, 0.009f, 0.001f, 0.001f};
    float[] second = {0, 0, 0, 0, 0.3f, 0.2f, 0.1f, 0.1f};
    PatchTokens before =
        PatchTokens.encoded(
            AnyRes.tiles(0, 2, 1, 1, 10, 10),
            new Matrix(8, 1, new float[8]),
            EvidenceSet.nothing());
    LayerTokens tokens =
        LayerTokens.of(
            before,
            before.features(),
            EvidenceSet.nothing()
                .with(new LastQueryAttention(), Attention.of(Matrix.of(first, second))));

    assertThat(new Lrs(0.2).reduce(tokens, Budget.count(5)).kept()).containsExactly(0, 1, 2, 3, 5);
    assertThat(new Lrs(0.2).reduce(tokens, Budget.adaptive()).kept())
        .containsExactly(0, 1, 2, 3, 4, 5);
  }
}
