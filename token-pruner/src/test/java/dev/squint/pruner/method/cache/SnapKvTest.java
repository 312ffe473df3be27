package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Queries;
import dev.squint.pruner.evidence.RecentQueries;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

public class SnapKvTest {

  public static void agreesWith(GoldenCase golden) {
    List<Matrix> keys = golden.matrices("K");
    List<Matrix> queries = golden.matrices("Q_window");
    golden.assertInteger("heads", keys.size());
    golden.assertInteger("seq", keys.get(0).rows());
    golden.assertInteger("head_dim", keys.get(0).cols());
    int window = golden.integer("window");
    int count = golden.integer("max_capacity");
    SnapKv policy =
        new SnapKv(
            window,
            golden.integer("kernel"),
            golden.text("pooling").equals("avgpool") ? SnapKv.Pool.MEAN : SnapKv.Pool.MAX);
    CachedTokens cache = cache(keys, queries, window);
    List<int[]> order = golden.integerRows("kept_order");
    for (int h = 0; h < keys.size(); h++) {
      int[] actual = policy.order(cache, h, count);
      if (policy.pooling() == SnapKv.Pool.MEAN) {
        assertThat(actual).containsExactly(order.get(h));
      }
      // Neighbours share their maximum, and the authors' order of equal scores is arbitrary.
      assertThat(scores(policy, cache, h, actual))
          .containsExactly(scores(policy, cache, h, order.get(h)));
      // A case may ask for more rows than there are.
      int all = Math.min(count, keys.get(0).rows());
      assertThat(Arrays.copyOfRange(actual, all - window, all))
          .containsExactly(Arrays.copyOfRange(order.get(h), all - window, all));
      Arrays.sort(actual);
      assertThat(policy.decide(cache, Budget.count(count)).rows().get(h).kept())
          .containsExactly(actual);
    }
    assertThat(policy.decide(cache, Budget.ratio(1)).rows().get(0).isIdentity()).isTrue();
  }

  /** Scores of the rows before the window, in the given order. */
  private static float[] scores(SnapKv policy, CachedTokens cache, int head, int[] rows) {
    float[] all = policy.scores(cache, head);
    float[] scores = new float[rows.length - policy.window()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = all[rows[i]];
    }
    return scores;
  }

  @Test
  void queryHeadsOfOneKeyHeadDecideTogether() {
    // One key head, two query heads: the first looks at row 0, the second at row 2, harder.
    Matrix keys =
        Matrix.of(new float[] {1, 0}, new float[] {0, 0}, new float[] {0, 1}, new float[] {0, 0});
    CachedTokens cache =
        cache(
            List.of(keys),
            List.of(Matrix.of(new float[] {2, 0}), Matrix.of(new float[] {0, 4})),
            1);

    SnapKv policy = new SnapKv(1, 1, SnapKv.Pool.MEAN);
    assertThat(policy.order(cache, 0, 3)).containsExactly(2, 0, 3);
    assertThat(policy.order(cache, 0, 9)).as("of more than there are").containsExactly(2, 0, 1, 3);
  }

  private static CachedTokens cache(List<Matrix> keys, List<Matrix> queries, int window) {
    return Caches.of(
        keys, keys, EvidenceSet.nothing().with(new RecentQueries(window), new Queries(queries)));
  }
}
