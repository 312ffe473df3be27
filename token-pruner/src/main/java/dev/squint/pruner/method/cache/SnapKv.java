package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.RecentQueries;
import dev.squint.pruner.maths.Pooling;
import dev.squint.pruner.maths.Softmax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the last rows of the prompt, and the other rows with the highest pooled attention of the
 * last queries. SnapKV (arXiv 2404.14469), once after prefill.
 *
 * <p>Query heads that share a key head decide together, by the sum of their attention; the authors
 * repeat the keys for each of them.
 *
 * @param window number of last queries that decide; their rows are kept; 32 in the paper
 * @param kernel width of the pooling window, an odd number
 * @param pooling how attention is pooled
 */
public record SnapKv(int window, int kernel, Pool pooling) implements CachePolicy {
  /** How attention is pooled over neighbours. */
  public enum Pool {
    MEAN,
    MAX
  }

  public SnapKv {
    if (window < 1 || kernel < 1 || kernel % 2 == 0) {
      throw new IllegalArgumentException(
          "window must be at least 1 and kernel odd but were %d and %d".formatted(window, kernel));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(new RecentQueries(window));
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    int count = cache.rowsOf(budget);
    if (cache.rows() <= count) {
      return CacheDecision.keepAll(cache);
    }
    List<TokenReduction> rows = new ArrayList<>();
    for (int h = 0; h < cache.heads(); h++) {
      int[] kept = order(cache, h, count);
      Arrays.sort(kept);
      rows.add(TokenReduction.keep(cache.rows(), kept));
    }
    return CacheDecision.rows(cache, rows);
  }

  /** Attention of the last queries to all keys, its sums before the window, and their pooling. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    if (decision.rows().get(0).isIdentity()) {
      return 0;
    }
    List<Matrix> asking = cache.evidence(new RecentQueries(window)).perHead();
    double rows = cache.rows();
    double last = asking.get(0).rows();
    double attention = Operations.attention(asking.size(), last, rows, asking.get(0).cols());
    double pooled = pooling == Pool.MEAN ? (kernel + 1) * cache.heads() * (rows - last) : 0;
    return attention + asking.size() * last * (rows - last) + pooled;
  }

  /**
   * Kept rows of one head: the rows before the window, best first, then those of the window; all
   * rows if there are no more than {@code count}.
   */
  int[] order(CachedTokens cache, int head, int count) {
    float[] scores = scores(cache, head);
    int last = Math.min(count, cache.rows() - scores.length);
    return IntStream.concat(
            IntStream.of(Ranking.best(scores, Math.min(count - last, scores.length))),
            IntStream.range(cache.rows() - last, cache.rows()))
        .toArray();
  }

  /** Pooled attention of the window's queries to each row before it. */
  float[] scores(CachedTokens cache, int head) {
    List<Matrix> queries = cache.evidence(new RecentQueries(window)).perHead();
    float[] scores = new float[cache.rows() - queries.get(0).rows()];
    int group = queries.size() / cache.heads();
    for (int q = head * group; q < (head + 1) * group; q++) {
      addAttention(queries.get(q), cache.keys().get(head), scores);
    }
    return pooling == Pool.MEAN ? Pooling.mean(scores, kernel) : Pooling.max(scores, kernel);
  }

  /** Adds the attention of all queries to the rows before them. */
  private static void addAttention(Matrix queries, Matrix keys, float[] scores) {
    Matrix logits = queries.timesTransposed(keys);
    double temperature = Math.sqrt(keys.cols());
    for (int r = 0; r < queries.rows(); r++) {
      int query = r;
      int seen = keys.rows() - queries.rows() + r + 1;
      double[] attention = Softmax.of(seen, temperature, j -> logits.get(query, j));
      for (int j = 0; j < scores.length; j++) {
        scores[j] += (float) attention[j];
      }
    }
  }
}
