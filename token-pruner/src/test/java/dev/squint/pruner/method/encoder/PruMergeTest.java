package dev.squint.pruner.method.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.testing.Tolerance;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class PruMergeTest {
  // A sum of three products of floats. Measured: 0.
  private static final Tolerance FEATURES = Tolerance.relative(5e-7);

  public static void agreesWith(GoldenCase golden) {
    Matrix keys = golden.matrix("inputs.k_[1+N,C]");
    Matrix hidden = golden.matrix("inputs.hidden_patches_[N,C]");
    int n = hidden.rows();
    int[] patches = IntStream.rangeClosed(1, n).toArray();
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, n),
            hidden,
            EvidenceSet.nothing()
                .with(new EncoderKeys(-1), new Keys(keys.rows(patches), 1))
                .with(
                    new ClsQueryAndKey(-1),
                    new ClsToken(
                        Matrix.of(golden.floats("inputs.q_cls_[C]")), Matrix.of(keys.row(0)))));
    PruMerge method = new PruMerge(Variant.CODE, golden.bool("params.plus"));
    golden.assertInteger("params.C", hidden.cols());
    golden.assertInteger("params.cluster_k", 32);
    assertThat(golden.text("params.scale")).startsWith("C**-0.5");

    TokenReduction reduction = method.reduce(tokens, Budget.adaptive());

    float[] attention = method.attention(tokens);
    double ratio = PruMerge.outlierRatio(attention);
    int[] centres = method.ownCentres(attention, ratio);
    golden.assertFloats("outputs.cls_attn_[N]", attention);
    golden.assertNumber("outputs.outlier_ratio", ratio);
    golden.assertInteger("outputs.n_topk", (int) (n * ratio));
    golden.assertIntegers("outputs.center_indices_in_output_order", centres);
    int[] others =
        IntStream.range(0, n).filter(i -> IntStream.of(centres).noneMatch(c -> c == i)).toArray();
    golden.assertIntegers("outputs.complement_used_for_extra_token", others);
    golden.ignore("outputs.complement_equals_true_complement");
    // The authors' order: the centres by attention, the token of all others last.
    int[] kept = reduction.kept();
    int[] order =
        IntStream.concat(IntStream.of(centres), IntStream.of(others[others.length - 1]))
            .map(i -> Arrays.binarySearch(kept, i))
            .toArray();
    golden.assertMatrix("outputs.output_tokens_[centers+1,C]", reduction.apply(hidden).rows(order));
  }

  @Test
  void quartilesAreInterpolated() {
    // Quartiles 1.75 and 3.25: above 5.5 lies one of four.
    assertThat(PruMerge.outlierRatio(new float[] {1, 2, 3, 4})).isZero();
    assertThat(PruMerge.outlierRatio(new float[] {1, 1, 1, 9})).isEqualTo(0.25);
  }

  @Test
  void aCentreGetsTheOthersByTheirAttention() {
    Matrix features = Matrix.of(new float[] {10}, new float[] {20}, new float[] {40});
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, 3),
            features,
            EvidenceSet.nothing()
                .with(new EncoderKeys(-1), new Keys(features, 1))
                .with(
                    new ClsAttention(-1), Attention.of(Matrix.of(new float[] {0.5f, 0.1f, 0.2f}))));

    TokenReduction reduction = new PruMerge(Variant.PAPER, false).reduce(tokens, Budget.count(2));

    // 10 + 0.1 * 20 + 0.2 * 40, and 0.1 * 20 + 0.2 * 40.
    assertThat(reduction.kept()).containsExactly(0, 2);
    assertClose(reduction.apply(features).data(), new float[] {20, 10}, FEATURES, "features");
  }

  @Test
  void plus_withABudget_spreadsTheRestEvenly() {
    float[] attention = new float[12];
    Arrays.fill(attention, 0.01f);
    attention[5] = 0.5f;
    Matrix features = new Matrix(12, 1, new float[12]);
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(3, 4),
            features,
            EvidenceSet.nothing()
                .with(new EncoderKeys(-1), new Keys(features, 1))
                .with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));

    // One outlier of twelve, so every fourth token of its own accord; 11 stands for all others.
    assertThat(new PruMerge(Variant.PAPER, true).reduce(tokens, Budget.adaptive()).kept())
        .containsExactly(0, 4, 5, 8, 11);
    // With a smaller budget two of the eleven others, at a quarter and three quarters.
    assertThat(new PruMerge(Variant.PAPER, true).reduce(tokens, Budget.count(4)).kept())
        .containsExactly(2, 5, 9, 11);
  }
}
