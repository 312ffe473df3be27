package dev.squint.pruner;

import java.util.Arrays;

/**
 * Attention of some queries to each cached row, [R, N]; 0 where the causal mask hides the row.
 *
 * @param queries tokens whose queries these are, ascending, [R]; a query attends to the rows up to
 *     its own
 * @param attention mean over the heads, [R, N]
 */
public record Probes(int[] queries, Matrix attention) {
  public Probes {
    queries = queries.clone();
    if (queries.length != attention.rows()) {
      throw new IllegalArgumentException(
          "attention needs one row per query but there are %d queries and %d rows"
              .formatted(queries.length, attention.rows()));
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
