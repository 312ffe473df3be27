package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

public class H2oTest {
  private static final AccumulatedAttention ATTENTION = new AccumulatedAttention();

  public static void agreesWith(GoldenCase golden) {
    int heads = golden.integer("heads");
    int rows = golden.integer("seq");
    int heavy = golden.integer("hh_size");
    int newest = golden.integer("recent_size");
    H2o policy = new H2o((double) newest / (heavy + newest));
    CachedTokens cache = null;
    int token = rows;
    for (GoldenCase step : golden.parts("steps")) {
      step.ignore("step");
      if (cache == null) {
        cache =
            Caches.of(
                Caches.blank(heads, rows),
                Caches.blank(heads, rows),
                attention(step.matrix("column_sums")));
      } else {
        cache = withNewToken(cache, token++, step.matrix("attn_row"));
      }
      cache = cache.reduced(policy.decide(cache, Budget.count(heavy + newest)).rows());
      List<int[]> kept = step.integerRows("kept");
      for (int h = 0; h < heads; h++) {
        assertThat(cache.tokens(h)).containsExactly(kept.get(h));
      }
      step.assertMatrix("score_after", cache.evidence(ATTENTION).perHead());
    }
  }

  private static CachedTokens withNewToken(CachedTokens cache, int token, Matrix row) {
    int rows = cache.rows() + 1;
    List<int[]> tokens = new ArrayList<>();
    float[][] sums = new float[cache.heads()][];
    for (int h = 0; h < cache.heads(); h++) {
      int[] more = Arrays.copyOf(cache.tokens(h), rows);
      more[rows - 1] = token;
      tokens.add(more);
      sums[h] = row.row(h);
      for (int i = 0; i < rows - 1; i++) {
        sums[h][i] += cache.evidence(ATTENTION).perHead().get(h, i);
      }
    }
    return new CachedTokens(
        0,
        Caches.blank(cache.heads(), rows),
        Caches.blank(cache.heads(), rows),
        tokens,
        new boolean[0],
        cache.promptTokens(),
        attention(Matrix.of(sums)));
  }

  private static EvidenceSet attention(Matrix sums) {
    return EvidenceSet.nothing().with(ATTENTION, Attention.of(sums));
  }

  @Test
  void sharesAreOfThePrompt() {
    CachedTokens cache =
        Caches.of(
            Caches.blank(1, 8),
            Caches.blank(1, 8),
            attention(Matrix.of(new float[] {1, 5, 2, 4, 3, 9, 9, 0})));

    assertThat(new H2o(0.5).decide(cache, Budget.ratio(0.5)).rows().get(0).kept())
        .containsExactly(1, 5, 6, 7);
  }

  @Test
  void halfOfAnOddBudget_isRoundedToEven() {
    CachedTokens cache =
        Caches.of(
            Caches.blank(1, 8),
            Caches.blank(1, 8),
            attention(Matrix.of(new float[] {1, 5, 2, 4, 3, 0, 8, 7})));

    // 2.5 becomes the 2 newest rows, which leaves 3 for the others; 3.5 becomes 4.
    assertThat(new H2o(0.5).decide(cache, Budget.count(5)).rows().get(0).kept())
        .containsExactly(1, 3, 4, 6, 7);
    assertThat(new H2o(0.5).decide(cache, Budget.count(7)).rows().get(0).kept())
        .containsExactly(1, 2, 3, 4, 5, 6, 7);
  }
}
