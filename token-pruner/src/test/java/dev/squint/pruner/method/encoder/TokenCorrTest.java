package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.method.GoldenCase;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class TokenCorrTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix keys = golden.matrix("inputs.keys_mean_heads_[N,Dk]");
    Matrix attention = golden.matrix("inputs.cls_attn_[H,1+N]");
    int n = keys.rows();
    PatchTokens tokens =
        tokens(
            RandomTokens.single(1, n),
            keys,
            attention.columns(IntStream.rangeClosed(1, n).toArray()));
    TokenCorr method = new TokenCorr(golden.number("params.tau"), golden.number("params.beta"));

    int[] kept = method.reduce(tokens, Budget.adaptive()).kept();

    int[] counts = method.likeCounts(keys);
    golden.assertIntegers("outputs.similar_counts", counts);
    golden.assertIntegers(
        "outputs.redundant_mask",
        IntStream.of(counts).map(count -> method.isRedundant(count, n) ? 1 : 0).toArray());
    golden.assertNumber("outputs.information_density", method.density(counts));
    golden.assertInteger("outputs.budget", kept.length);
    golden.assertIntegers("outputs.kept_sorted", kept);
  }

  @Test
  void tilesShareABudgetByTheirDensity() {
    // The first tile's keys are all alike, the second one's all different: densities 0 and 1.
    Matrix keys =
        Matrix.of(
            new float[] {1, 0, 0},
            new float[] {2, 0, 0},
            new float[] {3, 0, 0},
            new float[] {1, 0, 0},
            new float[] {0, 1, 0},
            new float[] {0, 0, 1});
    PatchTokens tokens =
        tokens(
            List.of(Tile.global(0, 1, 3), Tile.global(1, 1, 3)),
            keys,
            Matrix.of(new float[] {0.1f, 0.2f, 0.3f, 0.3f, 0.2f, 0.1f}));
    TokenCorr method = new TokenCorr(0.7, 0.2);

    assertThat(method.reduce(tokens, Budget.count(2)).kept()).containsExactly(3, 4);
    assertThat(method.reduce(tokens, Budget.count(4)).kept()).containsExactly(2, 3, 4, 5);
    assertThat(method.reduce(tokens, Budget.adaptive()).kept()).containsExactly(2, 3, 4, 5);
  }

  private static PatchTokens tokens(List<Tile> tiles, Matrix keys, Matrix attention) {
    return PatchTokens.encoded(
        tiles,
        keys,
        EvidenceSet.nothing()
            .with(new EncoderKeys(-1), new Keys(keys, 1))
            .with(new ClsAttention(-1), Attention.of(attention)));
  }
}
