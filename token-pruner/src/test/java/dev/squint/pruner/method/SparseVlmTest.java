package dev.squint.pruner.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence.TextQueryAttention;
import dev.squint.pruner.Evidence.TextRelevance;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Observed;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TextAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SparseVlmTest {

  static void agreesWith(GoldenCase golden) {
    Matrix visual = golden.matrix("inputs.visual_embeds_[Nv,D]");
    Matrix text = golden.matrix("inputs.text_embeds_[Nt,D]");
    golden.assertInteger("params.Nv", visual.rows());
    golden.assertInteger("params.Nt", text.rows());
    // How many tokens come before the picture, and which average the budgets are meant for: nothing
    // to check.
    golden.ignore("params.sys");
    golden.ignore("params.RETAIN_TOKN");
    int stage = List.of(2, 6, 15).indexOf(golden.integer("params.layer"));
    int budget = golden.integers("params.budget_list_[layer2,6,15]")[stage];
    List<Matrix> heads = golden.matrices("inputs.attn_text_to_visual_[H,Nt,Nv]");
    List<Matrix> words = new ArrayList<>();
    for (int t = 0; t < text.rows(); t++) {
      int word = t;
      words.add(Matrix.of(heads.stream().map(head -> head.row(word)).toArray(float[][]::new)));
    }
    float[] relevance = SparseVlm.relevance(visual, text);
    PatchTokens before =
        PatchTokens.encoded(RandomTokens.single(1, visual.rows()), visual, Observed.nothing());
    LayerTokens tokens =
        LayerTokens.of(
            before,
            visual,
            Observed.nothing()
                .with(new TextRelevance(), Matrix.of(relevance))
                .with(new TextQueryAttention(), new TextAttention(words)));

    golden.assertFloats("outputs.text_relevance_m_[Nt]", relevance);
    golden.assertNumber("outputs.mean", 1.0 / text.rows());
    golden.assertIntegers("outputs.rater_indices", SparseVlm.raters(relevance));
    golden.assertFloats("outputs.visual_scores_[Nv]", new SparseVlm().score(tokens));
    golden.assertIntegers(
        "outputs.kept_visual_sorted", new SparseVlm().reduce(tokens, Budget.count(budget)).kept());
  }

  @Test
  void onlyTellingWordsCount() {
    // The picture resembles the second word alone, which attends to the second token; the first
    // word would keep the first.
    Matrix visual = Matrix.of(new float[] {0, 3}, new float[] {0, 3});
    Matrix text = Matrix.of(new float[] {1, 0}, new float[] {0, 1});
    float[] relevance = SparseVlm.relevance(visual, text);
    LayerTokens tokens =
        LayerTokens.of(
            PatchTokens.encoded(RandomTokens.single(1, 2), visual, Observed.nothing()),
            visual,
            Observed.nothing()
                .with(new TextRelevance(), Matrix.of(relevance))
                .with(
                    new TextQueryAttention(),
                    new TextAttention(
                        List.of(
                            Matrix.of(new float[] {0.9f, 0}), Matrix.of(new float[] {0, 0.1f})))));

    assertThat(SparseVlm.raters(relevance)).containsExactly(1);
    assertThat(new SparseVlm().reduce(tokens, Budget.count(1)).kept()).containsExactly(1);
    assertThat(SparseVlm.raters(new float[] {0.5f, 0.5f}))
        .containsExactly(IntStream.range(0, 2).toArray());
  }
}
