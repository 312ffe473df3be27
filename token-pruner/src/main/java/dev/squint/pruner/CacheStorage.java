package dev.squint.pruner;

import java.util.List;

/** In which form the rows of a cache are stored. */
public interface CacheStorage {
  /** Four bytes a number. */
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

  /** The rows of a cache in this form. */
  StoredRows store(CachedTokens cache);

  /** The cache as it is read back. */
  default CachedTokens asRead(CachedTokens cache) {
    StoredRows stored = store(cache);
    return cache.with(stored.keys(), stored.values());
  }

  /** Rows as they are. */
  record Floats(List<Matrix> keys, List<Matrix> values) implements StoredRows {

    @Override
    public long bytes() {
      return 2L * Float.BYTES * keys.size() * keys.get(0).rows() * keys.get(0).cols();
    }
  }
}
