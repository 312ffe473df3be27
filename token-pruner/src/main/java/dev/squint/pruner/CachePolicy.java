package dev.squint.pruner;

import java.util.Set;

/**
 * Decides which parts of one layer's KV cache are kept, after prefill and while decoding, and in
 * which storage format. An implementation is a public record: pure, deterministic and stateless.
 */
public interface CachePolicy {

  /**
   * Decides which rows and channels of the cache are kept.
   *
   * @param budget how many rows to keep; a share is of {@link CachedTokens#promptTokens}. A policy
   *     that counts something else, such as channels, documents it
   */
  CacheDecision decide(CachedTokens cache, Budget budget);

  /**
   * Number of {@link Operations} of the policy's maths, including conversion to another storage
   * format. Operations for evidence and for merging rows are counted elsewhere.
   *
   * @param decision what {@link #decide} returned for this cache
   */
  double operations(CachedTokens cache, CacheDecision decision);

  /** The evidence that {@link #decide} reads; anything else is hidden from it. */
  default Set<Evidence<?>> needs() {
    return Set.of();
  }

  /** Number of generated tokens between decisions; 0 to decide only once, after prefill. */
  default int every() {
    return 0;
  }

  /**
   * Whether a row's position is its index in the cache, instead of the position of its token. The
   * owner of the cache then rotates keys when rows move.
   */
  default boolean positionsInCache() {
    return false;
  }

  /**
   * Numbers of layers after which the next layer may keep a different number of rows. The decoder
   * of L layers is cut there, because all layers of a stage have caches of equal length.
   */
  default int[] cuts(int layers) {
    return new int[0];
  }

  /** Whether rows are stored in another format than 32-bit floats. */
  default boolean stores() {
    return false;
  }
}
