package dev.squint.pruner;

/** In which form the rows of a cache are stored. */
public interface CacheStorage {
  /** Four bytes a number. */
  CacheStorage FLOAT32 =
      new CacheStorage() {
        @Override
        public CachedTokens asRead(CachedTokens cache) {
          return cache;
        }

        @Override
        public long bytes(CachedTokens cache) {
          return 2L * Float.BYTES * cache.heads() * cache.rows() * cache.keys().get(0).cols();
        }

        @Override
        public String toString() {
          return "FLOAT32";
        }
      };

  /** The cache as it is read back. */
  CachedTokens asRead(CachedTokens cache);

  /** What the cache takes when it is stored so, codes packed. */
  long bytes(CachedTokens cache);
}
