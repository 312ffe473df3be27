package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Queries;
import dev.squint.pruner.evidence.RecentQueries;
import dev.squint.pruner.method.GoldenCase;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class ThinKTest {

  public static void agreesWith(GoldenCase golden) {
    List<Matrix> keys = golden.matrices("K");
    int rows = keys.get(0).rows();
    int recent = golden.integer("recent_size");
    golden.assertInteger("heads", keys.size());
    golden.assertInteger("head_dim", keys.get(0).cols());
    golden.assertInteger("seq", rows);
    ThinK policy = new ThinK(32, recent);
    CachedTokens cache = cache(keys, golden.matrices("Q_last32"));
    CacheDecision decision = policy.decide(cache, Budget.ratio(1 - golden.number("ratio")));

    Matrix scores = golden.matrix("channel_score");
    List<int[]> channels = golden.integerRows("kept_channels");
    List<float[]> firstRows = golden.floatRows("K_pruned_row0");
    for (int h = 0; h < keys.size(); h++) {
      GoldenCase.assertClose("channel_score", policy.scores(cache, h), scores.row(h));
      assertThat(decision.keyChannels().get(h)).containsExactly(channels.get(h));
      GoldenCase.assertClose(
          "K_pruned_row0",
          keys.get(h).columns(decision.keyChannels().get(h)).row(0),
          firstRows.get(h));
    }
    golden.assertIntegers(
        "K_pruned_shape",
        new int[] {
          1, keys.size(), rows - decision.denseRows(), decision.keyChannels().get(0).length
        });
  }

  @Test
  void queryHeadsOfOneKeyHeadDecideTogether() {
    Matrix keys = Matrix.of(new float[] {1, 1, 1});
    CachedTokens cache =
        cache(
            List.of(keys),
            List.of(Matrix.of(new float[] {3, 0, 1}), Matrix.of(new float[] {0, 2, 1})));

    assertThat(new ThinK(32, 0).decide(cache, Budget.count(2)).keyChannels().get(0))
        .containsExactly(IntStream.range(0, 2).toArray());
  }

  private static CachedTokens cache(List<Matrix> keys, List<Matrix> queries) {
    return Caches.of(
        keys, keys, EvidenceSet.nothing().with(new RecentQueries(32), new Queries(queries)));
  }
}
