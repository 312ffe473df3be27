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
 * Keeps in each layer as many rows as it takes to hold a share of the attention of some queries,
 * and of these rows those with the most attention for each query that sees them. ZipVL (arXiv
 * 2410.08584, our reading), after prefill alone: its second version drops the other rows, its first
 * one stores them in fewer bits.
 *
 * @param mass share of the attention, in (0, 1]; 0.96 to 0.975 in the paper
 * @param others what becomes of the other rows
 * @param recent last queries that are asked
 * @param earlier other queries that are asked
 */
public record ZipVl(double mass, Others others, int recent, int earlier) implements CachePolicy {
  /** What becomes of the rows that are not important. */
  public enum Others {
    /** They go; second version. */
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

  /** Sums over the queries and means over those that see a row. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    Matrix attention = cache.evidence(new ProbeAttention(recent, earlier)).attention();
    double sums = 2 * Operations.columnMeans(attention.rows(), attention.cols());
    return sums + (others == Others.IN_FEWER_BITS ? MixedPrecision.operations(cache) : 0);
  }

  /** How many of the rows with the most attention hold the share. */
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

  /** Attention to each row, mean over the queries that see it, [N]. */
  static float[] normalised(Probes probes) {
    Matrix attention = probes.attention();
    int[] seen = seen(probes);
    float[] means = attention.columnSums();
    for (int j = 0; j < means.length; j++) {
      means[j] /= Math.max(1, seen[j]);
    }
    return means;
  }

  /** How many queries see each row, [N]. */
  static int[] seen(Probes probes) {
    int[] queries = probes.queries();
    return IntStream.range(0, probes.attention().cols())
        .map(row -> (int) IntStream.of(queries).filter(query -> query >= row).count())
        .toArray();
  }
}
