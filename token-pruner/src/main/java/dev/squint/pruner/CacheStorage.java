package dev.squint.pruner;

import java.util.List;

/** A storage format for the rows of a KV cache. */
public interface CacheStorage {
  /** 32-bit floats, 4 bytes a number. */
  CacheStorage FLOAT32 =
      new CacheStorage() {
        @Override
        public StoredRows store(CachedTokens cache) {
          return new Floats(cache.keys(), cache.values());
        }

        @Override
        public String toString() {
          return "FLOAT32";
        }
      };

  /** Stores the rows of a cache in this format. */
  StoredRows store(CachedTokens cache);

  /** The cache after storing and reading back. */
  default CachedTokens asRead(CachedTokens cache) {
    StoredRows stored = store(cache);
    return cache.with(stored.keys(), stored.values());
  }

  /** Rows stored as 32-bit floats. */
  record Floats(List<Matrix> keys, List<Matrix> values) implements StoredRows {

    @Override
    public long bytes() {
      return 2L * Float.BYTES * keys.size() * keys.get(0).rows() * keys.get(0).cols();
    }
  }
}
