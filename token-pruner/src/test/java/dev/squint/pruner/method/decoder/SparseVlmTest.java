package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextRelevance;
import dev.squint.pruner.maths.DensityPeaks;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class SparseVlmTest {

  public static void agreesWith(GoldenCase golden) {
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
    float[] relevance = TextRelevance.of(visual, text).row(0);
    PatchTokens before =
        PatchTokens.encoded(RandomTokens.single(1, visual.rows()), visual, EvidenceSet.nothing());
    LayerTokens tokens =
        LayerTokens.of(
            before,
            visual,
            EvidenceSet.nothing()
                .with(new TextRelevance(), Matrix.of(relevance))
                .with(new TextQueryAttention(), new TextAttention(words)));

    golden.assertFloats("outputs.text_relevance_m_[Nt]", relevance);
    golden.ignore("outputs.mean"); // the raters are those above it
    golden.assertIntegers("outputs.rater_indices", SparseVlm.raters(relevance));
    golden.assertFloats("outputs.visual_scores_[Nv]", scores(tokens));
    golden.assertIntegers(
        "outputs.kept_visual_sorted",
        new SparseVlm(false, 13.5, 0).reduce(tokens, Budget.count(budget)).kept());
  }

  public static void agreesWithRecycling(GoldenCase golden) {
    int prefix = golden.integer("prefix");
    int visual = golden.integer("visual");
    int text = golden.integer("text");
    golden.ignore("min_gap");
    Matrix all = golden.matrix("hidden");
    Matrix hidden = all.rows(Prompts.range(prefix, prefix + visual));
    float[] relevance =
        TextRelevance.of(hidden, all.rows(Prompts.range(prefix + visual, all.rows()))).row(0);
    int[] raters = SparseVlm.raters(relevance);
    List<Matrix> rows = golden.matrices("attn_rater_rows");
    golden.assertInteger("heads", rows.size());
    List<Matrix> words = new ArrayList<>();
    Matrix unseen = new Matrix(rows.size(), visual, new float[rows.size() * visual]);
    for (int t = 0; t < text; t++) {
      words.add(unseen);
    }
    List<Matrix> byRater = Prompts.byRow(Prompts.columns(rows, prefix, prefix + visual));
    for (int r = 0; r < raters.length; r++) {
      words.set(raters[r], byRater.get(r));
    }
    LayerTokens tokens =
        Prompts.visual(
            1,
            visual,
            hidden,
            EvidenceSet.nothing()
                .with(new TextRelevance(), Matrix.of(relevance))
                .with(new TextQueryAttention(), new TextAttention(words)));
    float[] scores = scores(tokens);
    int count = golden.integer("k");
    int[] kept = new SparseVlm(false, 13.5, 0).reduce(tokens, Budget.count(count)).kept();

    golden.assertFloats("rater_score", relevance);
    golden.ignore("rater_mean"); // the raters are those above it
    golden.assertIntegers("text_raters", raters);
    golden.assertFloats("relation", scores);
    golden.assertIntegers("kept_visual", kept);
    rankAgrees(golden.part("rank_rule"), tokens);
    recyclingAgrees(golden.part("recycle"), hidden, scores, kept);
    recyclingAddsUp(tokens, kept, count);
  }

  private static void rankAgrees(GoldenCase golden, LayerTokens tokens) {
    double scale = golden.number("scale");
    double bias = golden.number("bias");
    Matrix attention = SparseVlm.raterAttention(tokens);
    golden.assertInteger("rank", SparseVlm.byRank(attention, 1, 0));
    golden.assertInteger("k", SparseVlm.byRank(attention, scale, bias));
    golden.assertIntegers(
        "kept_visual", new SparseVlm(false, scale, bias).reduce(tokens, Budget.adaptive()).kept());
  }

  private static void recyclingAgrees(
      GoldenCase golden, Matrix hidden, float[] scores, int[] kept) {
    int[] dropped =
        IntStream.range(0, scores.length)
            .filter(j -> IntStream.of(kept).noneMatch(k -> k == j))
            .toArray();
    int[] candidates = SparseVlm.candidates(scores, kept);
    golden.assertIntegers("dropped", dropped);
    golden.assertInteger("stage1_count", candidates.length);
    golden.assertIntegers("stage1_order", candidates);
    int clusters = SparseVlm.clusters(dropped.length);
    golden.assertInteger("cluster_num", clusters);
    golden.assertMatrix("merged", means(hidden.rows(candidates), clusters));
    golden.assertMatrix(
        "merged_alt", means(hidden.rows(candidates), golden.integer("cluster_num_alt")));
  }

  private static Matrix means(Matrix rows, int clusters) {
    DensityPeaks peaks = DensityPeaks.of(rows, clusters);
    float[][] means = new float[clusters][];
    for (int c = 0; c < clusters; c++) {
      int here = c;
      int[] members =
          IntStream.range(0, rows.rows()).filter(i -> peaks.cluster()[i] == here).toArray();
      means[c] = rows.rows(members).columnMeans();
    }
    return Matrix.of(means);
  }

  /** Recycled means count to the budget. */
  private static void recyclingAddsUp(LayerTokens tokens, int[] kept, int count) {
    var recycled = new SparseVlm(true, 13.5, 0).reduce(tokens, Budget.count(count + 1));

    assertThat(recycled.after()).isEqualTo(count + 1);
    assertThat(recycled.merges()).isTrue();
    assertThat(recycled.kept()).contains(kept);
  }

  private static float[] scores(LayerTokens tokens) {
    return SparseVlm.raterAttention(tokens).columnMeans();
  }

  @Test
  void onlyTellingWordsCount() {
    // The picture resembles the second word alone, which attends to the second token; the first
    // word would keep the first.
    Matrix visual = Matrix.of(new float[] {0, 3}, new float[] {0, 3});
    Matrix text = Matrix.of(new float[] {1, 0}, new float[] {0, 1});
    float[] relevance = TextRelevance.of(visual, text).row(0);
    LayerTokens tokens =
        LayerTokens.of(
            PatchTokens.encoded(RandomTokens.single(1, 2), visual, EvidenceSet.nothing()),
            visual,
            EvidenceSet.nothing()
                .with(new TextRelevance(), Matrix.of(relevance))
                .with(
                    new TextQueryAttention(),
                    new TextAttention(
                        List.of(
                            Matrix.of(new float[] {0.9f, 0}), Matrix.of(new float[] {0, 0.1f})))));

    assertThat(SparseVlm.raters(relevance)).containsExactly(1);
    assertThat(new SparseVlm(false, 13.5, 0).reduce(tokens, Budget.count(1)).kept())
        .containsExactly(1);
    assertThat(SparseVlm.raters(new float[] {0.25f, 0.5f, 0.75f}))
        .as("a word at the mean is no rater")
        .containsExactly(2);
    assertThat(SparseVlm.raters(new float[] {0.5f, 0.5f}))
        .containsExactly(IntStream.range(0, 2).toArray());
  }
}
