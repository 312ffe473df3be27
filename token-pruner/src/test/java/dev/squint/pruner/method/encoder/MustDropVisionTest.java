package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import dev.squint.pruner.method.decoder.MustDrop;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class MustDropVisionTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix all = golden.matrix("inputs.hidden_after_layer0_[1+N,D]");
    int side = golden.integer("params.side");
    Matrix hidden = all.rows(IntStream.range(1, all.rows()).toArray());
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.single(side, side), hidden, EvidenceSet.nothing());
    MustDropVision method =
        new MustDropVision(golden.integer("params.window"), golden.number("params.threshold"));

    TokenReduction reduction = method.reduce(tokens, Budget.adaptive());

    // The authors' order: CLS, then merged windows, the most alike first, then the others in
    // theirs.
    golden.assertInteger("outputs.n_tokens_after_incl_cls", 1 + reduction.after());
    List<int[]> members =
        golden.integerRows("outputs.members_per_output_token_(0=CLS,patch i -> i+1)");
    float[] sizes = golden.floats("outputs.sizes");
    int[] patches = reduction.sum(tokens.patches());
    int[] target = reduction.target();
    int[] order = new int[members.size() - 1];
    MustDropVision.Windows windows = method.windows(tokens, tokens.tiles().get(0));
    int merged = (int) IntStream.of(patches).filter(size -> size > 1).count();
    for (int i = 0; i < order.length; i++) {
      int[] group = IntStream.of(members.get(i + 1)).map(j -> j - 1).toArray();
      order[i] = target[group[0]];
      int here = order[i];
      assertThat(IntStream.range(0, target.length).filter(j -> target[j] == here).toArray())
          .containsExactly(group);
      assertThat((float) patches[here]).isEqualTo(sizes[i + 1]);
      if (i < merged) {
        assertThat(windows.window(i)).containsExactly(group);
      }
    }
    Matrix expected = golden.matrix("outputs.merged_tokens");
    GoldenCase.assertClose(
        "merged tokens",
        reduction.apply(hidden).rows(order).data(),
        expected.rows(IntStream.range(1, expected.rows()).toArray()).data());

    // The key set is what MustDrop keeps between layers where no word attends to anything enough.
    Matrix attention = golden.matrix("inputs.later_layer23_cls_attn_[H,1+n]");
    Matrix later = attention.columns(IntStream.range(1, attention.cols()).toArray());
    float[] word = new float[later.cols()];
    Arrays.fill(word, 1);
    int[] keys =
        new MustDrop(2, 2, 0.08)
            .reduce(
                Prompts.visual(
                    word.length,
                    EvidenceSet.nothing()
                        .with(new TextQueryAttention(), new TextAttention(List.of(Matrix.of(word))))
                        .with(new ClsAttention(-1), Attention.of(later))),
                Budget.adaptive())
            .kept();
    int[] expectedKeys =
        golden.integers(
            "outputs.key_set_indices_into_merged_patches(topk order, reimplemented one-liner)");
    Arrays.sort(expectedKeys);
    assertThat(keys).containsExactly(expectedKeys);
  }

  @Test
  void onlyAlikeWindowsMerge_andEveryTileAsManyAsTheLeastAlikeOne() {
    // The first tile has two windows of equal tokens, the second one has one.
    float[] features = {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 1, -1, 3, 3, 1, -1};
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(2, 2, 4), new Matrix(16, 1, features), EvidenceSet.nothing());

    TokenReduction reduction = new MustDropVision(2, 0.8).reduce(tokens, Budget.adaptive());

    // Of equally alike windows the earlier one; its lower left token, the third of four, stands for
    // it.
    assertThat(reduction.target()).containsExactly(2, 2, 0, 1, 2, 2, 3, 4, 7, 7, 5, 6, 7, 7, 8, 9);
  }

  @Test
  void boundsMoveTheNumberOfWindows() {
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(4, 4), new Matrix(16, 1, new float[16]), EvidenceSet.nothing());

    assertThat(new MustDropVision(2, 0.8).reduce(tokens, new Budget.Adaptive(0, 0.5)).after())
        .isEqualTo(7);
    assertThat(new MustDropVision(2, -1).reduce(tokens, new Budget.Adaptive(0.5, 1)).after())
        .isEqualTo(10);
  }
}
