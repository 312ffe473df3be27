package dev.squint.pruner;

import java.util.Arrays;

/**
 * Attention of some queries to each cached row, [R, N]; zero where a query does not see a row.
 *
 * @param queries which tokens ask, ascending, [R]; row i sees the rows up to itself
 * @param attention mean over the heads, [R, N]
 */
public record Probes(int[] queries, Matrix attention) {
  public Probes {
    queries = queries.clone();
    if (queries.length != attention.rows()) {
      throw new IllegalArgumentException(
          "%d queries have %d rows of attention".formatted(queries.length, attention.rows()));
    }
  }

  @Override
  public int[] queries() {
    return queries.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Probes probes
        && Arrays.equals(queries, probes.queries)
        && attention.equals(probes.attention);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(queries) + attention.hashCode();
  }

  @Override
  public String toString() {
    return "Probes[%d queries, %s]".formatted(queries.length, attention);
  }
}
