package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.cache.LookM.Merging;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class LookMTest {
  private static final Map<String, Merging> MERGING =
      Map.of(
          "PivotKVCache_LayerWise", Merging.PIVOT,
          "WeightedMergeKVCache_LayerWise", Merging.WEIGHTED,
          "AVGMergeKVCache_LayerWise", Merging.AVERAGED_AS_CODED,
          "TextPivotMerge_LayerWise", Merging.PIVOT,
          "TextWeightedMerge_LayerWise", Merging.WEIGHTED,
          "TextAVGMergeKVCache_LayerWise", Merging.AVERAGED_AS_CODED);

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("fp16_pitfall")) {
      // How half precision spoils the authors' way to rank text first; here text is ranked apart.
      golden.outside("fp16_pitfall");
      return;
    }
    List<Matrix> keys = golden.matrices("K");
    List<Matrix> values = golden.matrices("V");
    int rows = keys.get(0).rows();
    int heavy = golden.integer("hh_size");
    int newest = golden.integer("recent_size");
    golden.assertInteger("heads", keys.size());
    golden.assertInteger("head_dim", keys.get(0).cols());
    golden.assertInteger("seq_len", rows);
    golden.assertInteger("hh_size", (int) (rows * golden.number("hh_ratio")));
    golden.assertInteger("recent_size", (int) (rows * golden.number("recent_ratio")));
    // The same as the spans, before placeholders became tokens.
    golden.ignore("image_placeholder_pos");
    int perImage = golden.integer("tokens_per_image");
    boolean[] visual = new boolean[rows];
    for (int[] span : golden.integerRows("image_spans")) {
      assertThat(span[1] - span[0]).isEqualTo(perImage);
      Arrays.fill(visual, span[0], span[1], true);
    }
    CachedTokens cache =
        Caches.of(keys, values, visual, attention(golden.matrix("cumulative_score")));
    GoldenCase variants = golden.part("variants");
    MERGING.forEach(
        (name, merging) -> {
          LookM policy =
              new LookM(merging, (double) newest / (heavy + newest), name.startsWith("Text"));
          CachedTokens merged =
              cache.reduced(policy.decide(cache, Budget.count(heavy + newest)).rows());
          agrees(name, variants.part(name), merged);
        });
  }

  private static void agrees(String name, GoldenCase golden, CachedTokens merged) {
    List<int[]> kept = golden.integerRows("kept");
    List<Matrix> keys = golden.matrices("K_merged");
    List<Matrix> values = golden.matrices("V_merged");
    for (int h = 0; h < merged.heads(); h++) {
      assertThat(merged.tokens(h)).as(name).containsExactly(kept.get(h));
      GoldenCase.assertClose(name + " keys", merged.keys().get(h).data(), keys.get(h).data());
      GoldenCase.assertClose(name + " values", merged.values().get(h).data(), values.get(h).data());
    }
  }

  @Test
  void allTextStaysAndPicturesMergeIntoTheMostSimilarRow() {
    // Row 0 is text, rows 1 and 2 are visual and go into row 0 and row 3, the newest.
    Matrix keys =
        Matrix.of(new float[] {1, 0}, new float[] {2, 0}, new float[] {0, 4}, new float[] {0, 2});
    CachedTokens cache =
        Caches.of(
            List.of(keys),
            List.of(keys),
            new boolean[] {false, true, true, false},
            attention(Matrix.of(new float[] {0, 9, 9, 0})));

    CachedTokens averaged =
        cache.reduced(new LookM(Merging.AVERAGED, 0.5, true).decide(cache, Budget.count(2)).rows());

    assertThat(averaged.tokens(0)).containsExactly(0, 3);
    assertThat(averaged.keys().get(0))
        .isEqualTo(Matrix.of(new float[] {1.5f, 0}, new float[] {0, 3}));
  }

  @Test
  void textThatExceedsTheBudget_staysWithTheNewestRowsAlone() {
    // Four rows of text, two visual ones that are attended to most, one newest row; budget 2.
    Matrix keys = new Matrix(7, 2, new float[] {1, 0, 2, 0, 3, 0, 4, 1, 0, 5, 0, 6, 0, 7});
    CachedTokens cache =
        Caches.of(
            List.of(keys),
            List.of(keys),
            new boolean[] {false, false, false, true, false, true, false},
            attention(Matrix.of(new float[] {4, 3, 2, 9, 1, 8, 0})));

    assertThat(new LookM(Merging.AVERAGED, 0.5, true).decide(cache, Budget.count(2)).rows())
        .allSatisfy(rows -> assertThat(rows.kept()).containsExactly(0, 1, 2, 4, 6));
    // Without the prior for text one row competes besides the newest, and the first rows come
    // first.
    assertThat(new LookM(Merging.AVERAGED, 0.5, false).decide(cache, Budget.count(2)).rows())
        .allSatisfy(rows -> assertThat(rows.kept()).containsExactly(0, 6));
  }

  private static EvidenceSet attention(Matrix sums) {
    return EvidenceSet.nothing().with(new AccumulatedAttention(), Attention.of(sums));
  }
}
