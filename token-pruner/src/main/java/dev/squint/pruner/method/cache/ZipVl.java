package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Probes;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.evidence.ProbeAttention;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps in each layer the fewest rows that receive a share {@code mass} of the attention of some
 * queries. Rows are ranked by their mean attention over the queries that can attend to them. ZipVL
 * (arXiv 2410.08584, our reading), once after prefill. Its second version drops the other rows; its
 * first version stores them in fewer bits.
 *
 * @param mass share of the attention, in (0, 1]; 0.96 to 0.975 in the paper
 * @param others how the other rows are handled
 * @param recent number of last queries
 * @param earlier number of other queries
 */
public record ZipVl(double mass, Others others, int recent, int earlier) implements CachePolicy {
  /** How rows that are not important are handled. */
  public enum Others {
    /** They are dropped; second version. */
    DROPPED,
    /** They are stored in 2 bits, and the important ones in 4; first version. */
    IN_FEWER_BITS
  }

  public ZipVl {
    if (!(mass > 0 && mass <= 1) || recent < 0 || earlier < 0 || recent + earlier < 1) {
      throw new IllegalArgumentException(
          "mass must be in (0, 1] and queries at least 1 but were %s and %d + %d"
              .formatted(mass, recent, earlier));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(new ProbeAttention(recent, earlier));
  }

  @Override
  public int[] cuts(int layers) {
    return others == Others.DROPPED ? IntStream.range(1, layers).toArray() : new int[0];
  }

  @Override
  public boolean stores() {
    return others == Others.IN_FEWER_BITS;
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    Probes probes = cache.evidence(new ProbeAttention(recent, earlier));
    int count = budget.tokens(cache.rows(), Math.max(1, count(probes)));
    int[] important = Ranking.top(normalised(probes), count);
    return others == Others.DROPPED
        ? CacheDecision.keep(cache, important)
        : CacheDecision.stored(cache, new MixedPrecision(important, 4, 2));
  }

  /** Sums over the queries, and means over those that attend to a row. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    Matrix attention = cache.evidence(new ProbeAttention(recent, earlier)).attention();
    double sums = 2 * Operations.columnMeans(attention.rows(), attention.cols());
    return sums + (others == Others.IN_FEWER_BITS ? MixedPrecision.operations(cache) : 0);
  }

  /** Number of the most attended rows that receive the share. */
  int count(Probes probes) {
    float[] sums = probes.attention().columnSums();
    double wanted = mass * probes.queries().length;
    double held = 0;
    int count = 0;
    for (int row : Ranking.descending(sums)) {
      if (held >= wanted) {
        break;
      }
      held += sums[row];
      count++;
    }
    return count;
  }

  /** Attention to each row, mean over the queries that can attend to it, [N]. */
  static float[] normalised(Probes probes) {
    Matrix attention = probes.attention();
    int[] seen = seen(probes);
    float[] means = attention.columnSums();
    for (int j = 0; j < means.length; j++) {
      means[j] /= Math.max(1, seen[j]);
    }
    return means;
  }

  /** Number of queries that can attend to each row, [N]. */
  static int[] seen(Probes probes) {
    int[] queries = probes.queries();
    return IntStream.range(0, probes.attention().cols())
        .map(row -> (int) IntStream.of(queries).filter(query -> query >= row).count())
        .toArray();
  }
}
