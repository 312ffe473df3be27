package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.method.GoldenCase;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class VisionZipTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix attention = golden.matrix("inputs.cls_attn_[H,1+N]");
    int n = attention.cols() - 1;
    int[] patches = IntStream.rangeClosed(1, n).toArray();
    Matrix hidden = golden.matrix("inputs.hidden_[1+N,D]");
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, n),
            hidden.rows(patches),
            EvidenceSet.nothing()
                .with(new ClsAttention(-1), Attention.of(attention.columns(patches)))
                .with(
                    new EncoderKeys(-1),
                    new Keys(
                        golden.matrix("inputs.key_metric_mean_heads_[1+N,Dk]").rows(patches), 1)));
    int dominant = golden.integer("params.dominant_arg_minus_1(=patch tokens kept)");
    int contextual = golden.integer("params.contextual");
    int both = dominant + contextual;

    TokenReduction reduction =
        new VisionZip(Variant.CODE, (double) contextual / both).reduce(tokens, Budget.count(both));

    // The authors' code counts the CLS token as token 0 and keeps it; it puts the merged tokens
    // last.
    int[] best = Ranking.best(attention.columns(patches).columnSums(), dominant);
    golden.assertIntegers(
        "outputs.all_indices_topk_order_0_is_CLS",
        IntStream.concat(IntStream.of(0), IntStream.of(best).map(i -> i + 1)).toArray());
    int[] ofBest = Ranking.top(attention.columns(patches).columnSums(), dominant);
    golden.assertIntegers(
        "outputs.dominant_indices_output_order",
        IntStream.concat(IntStream.of(0), IntStream.of(ofBest).map(i -> i + 1)).toArray());
    int[] kept = reduction.kept();
    assertThat(kept).contains(ofBest);
    int[] order =
        IntStream.concat(
                IntStream.range(0, both).filter(i -> contains(ofBest, kept[i])),
                IntStream.range(0, both).filter(i -> !contains(ofBest, kept[i])))
            .toArray();
    Matrix rows = golden.matrix("outputs.output_tokens_[1+dom+ctx,D]");
    GoldenCase.assertClose(
        "tokens after CLS",
        reduction.apply(tokens.features()).rows(order).data(),
        rows.rows(IntStream.range(1, rows.rows()).toArray()).data());
    assertThat(rows.row(0)).containsExactly(hidden.row(0));
  }

  @Test
  void paper_mergedTokensAreMeans() {
    Matrix keys =
        Matrix.of(
            new float[] {1, 0},
            new float[] {1, 0},
            new float[] {0, 1},
            new float[] {0, 1},
            new float[] {1, 0});
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, 5),
            Matrix.of(
                new float[] {9},
                new float[] {1},
                new float[] {2},
                new float[] {4},
                new float[] {3}),
            EvidenceSet.nothing()
                .with(new ClsAttention(-1), Attention.of(Matrix.of(new float[] {1, 0, 0, 0, 0})))
                .with(new EncoderKeys(-1), new Keys(keys, 1)));

    TokenReduction reduction = new VisionZip(Variant.PAPER, 0.6).reduce(tokens, Budget.count(3));

    // Token 0 is dominant. Of the rest, 1, 2, 3 and 4, every second one is a target: 1, which 4
    // joins, and 3, which 2 joins.
    assertThat(reduction.kept()).containsExactly(0, 1, 3);
    assertThat(reduction.target()).containsExactly(0, 1, 2, 2, 1);
    assertThat(reduction.apply(tokens.features()))
        .isEqualTo(Matrix.of(new float[] {9}, new float[] {2}, new float[] {3}));
  }

  private static boolean contains(int[] values, int value) {
    return IntStream.of(values).anyMatch(v -> v == value);
  }
}
