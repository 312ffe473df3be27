package dev.squint.vision.encoder;

import java.util.Collection;
import java.util.Map;

/**
 * Encoded tiles that several processes share, as bytes by key: the second level of {@link
 * EncoderCache}. Values may be lost or damaged at any time. Thread-safe. No method throws because
 * the store is slow, full or unreachable, and each waits for a bounded time only.
 */
public interface FeatureStore extends AutoCloseable {

  /** A store without content. */
  FeatureStore NONE =
      new FeatureStore() {
        @Override
        public Map<String, byte[]> find(Collection<String> keys) {
          return Map.of();
        }

        @Override
        public void keep(Map<String, byte[]> values) {}
      };

  /** The values that are found in time; keys without one are absent. */
  Map<String, byte[]> find(Collection<String> keys);

  /** Stores values, without waiting for the store. */
  void keep(Map<String, byte[]> values);

  /**
   * Notes how many values of a {@link #find} could be used.
   *
   * @param hits values that were used
   * @param misses keys without a value
   * @param damaged values that are not what was stored
   */
  default void looked(int hits, int misses, int damaged) {}

  @Override
  default void close() {}
}
