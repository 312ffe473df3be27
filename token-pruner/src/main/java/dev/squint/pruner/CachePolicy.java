package dev.squint.pruner;

import java.util.Set;

/**
 * Decides what stays of one layer's KV cache, after prefill and while decoding, and in which form.
 * Pure, deterministic and without state; write a public record.
 */
public interface CachePolicy {

  /**
   * What becomes of the cache.
   *
   * @param budget rows that stay, shares being of {@link CachedTokens#promptTokens}; what else a
   *     budget is of, a policy says
   */
  CacheDecision decide(CachedTokens cache, Budget budget);

  /**
   * How many operations the decision took by the policy's maths, {@link Operations}, storing rows
   * in another form included; those for its evidence, and for rows that merge, are counted by
   * others.
   *
   * @param decision what {@link #decide} made of this cache
   */
  double operations(CachedTokens cache, CacheDecision decision);

  /** The evidence that {@link #decide} reads; anything else is hidden from it. */
  default Set<Evidence<?>> needs() {
    return Set.of();
  }

  /** After how many generated tokens it decides again; 0 for after prefill alone. */
  default int every() {
    return 0;
  }

  /**
   * Whether rows are at the positions of their places in the cache, and not at those of their
   * tokens. Whoever holds the cache rotates keys on as rows move.
   */
  default boolean positionsInCache() {
    return false;
  }

  /**
   * Numbers of layers, of L, after which the next layer may keep another number of rows; the
   * decoder is cut there, as the layers of a stage have equally long caches.
   */
  default int[] cuts(int layers) {
    return new int[0];
  }

  /** Whether rows are stored in another form than as they are. */
  default boolean stores() {
    return false;
  }
}
