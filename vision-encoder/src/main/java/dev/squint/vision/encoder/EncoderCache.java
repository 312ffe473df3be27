package dev.squint.vision.encoder;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.tile.TiledImage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Caches the output of a vision encoder by the content of the tiles. A second question about the
 * same pictures, or another pruning plan, needs no encoding. Tiles are cached one by one ({@link
 * TileCache}), so for another frame or picture only the new tiles are encoded. All tiles of a
 * request share one entry where a plan merges tokens inside the encoder, or where tiles of one
 * batch change each other's tokens. The size is bounded in bytes; the least recently used entry is
 * evicted first. Thread-safe: if two requests need the same tiles at the same time, one encodes and
 * the other waits.
 */
public final class EncoderCache {

  /** 256 MiB: 2,300 pictures of one tile with [144, 192] features, or 3 pictures of 17 tiles. */
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  private static final double NANOS_PER_MILLI = 1e6;

  private final VisionEncoder encoder;
  private final Semaphore encodings;
  private final Cache<String, Encoded> cache;
  private final TileCache tiles;
  private final SharedFeatures shared;

  /**
   * Wraps an encoder. The caller still closes the encoder.
   *
   * @param maxBytes size limit for features and evidence; 0 disables the cache
   * @throws IllegalArgumentException if the limit is negative
   */
  public EncoderCache(VisionEncoder encoder, long maxBytes) {
    this(encoder, maxBytes, Integer.MAX_VALUE);
  }

  /**
   * Wraps an encoder. The caller still closes the encoder.
   *
   * @param maxBytes size limit for features and evidence; 0 disables the cache
   * @param encodings number of requests that may be encoded at the same time; the others wait
   * @throws IllegalArgumentException if {@code maxBytes} is negative or {@code encodings} is less
   *     than 1
   */
  public EncoderCache(VisionEncoder encoder, long maxBytes, int encodings) {
    this(encoder, maxBytes, encodings, SharedFeatures.NONE);
  }

  private EncoderCache(VisionEncoder encoder, long maxBytes, int encodings, SharedFeatures shared) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "maxBytes of the encoder cache must be 0 or more but was " + maxBytes);
    }
    if (encodings < 1) {
      throw new IllegalArgumentException(
          "the number of encodings at the same time must be 1 or more but was " + encodings);
    }
    this.encoder = encoder;
    this.encodings = new Semaphore(encodings, true);
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(
                (String key, Encoded encoded) ->
                    (int) Math.min(Integer.MAX_VALUE, encoded.tokens().bytes()))
            .executor(Runnable::run)
            .build();
    this.shared = shared;
    this.tiles = new TileCache(this::encodeNow, cache, shared);
  }

  /**
   * Wraps an encoder with a second level that other processes share. The caller still closes the
   * encoder and the store.
   *
   * @param fingerprint names the encoder in the store, {@link EncoderFingerprint}
   * @throws IllegalArgumentException as {@link #EncoderCache(VisionEncoder, long, int)}
   */
  public static EncoderCache sharing(
      VisionEncoder encoder, long maxBytes, int encodings, FeatureStore store, String fingerprint) {
    return new EncoderCache(encoder, maxBytes, encodings, new SharedFeatures(store, fingerprint));
  }

  /** The wrapped encoder. */
  public VisionEncoder encoder() {
    return encoder;
  }

  /**
   * Visual tokens and the cost of obtaining them.
   *
   * @param tokens the tokens of all tiles, [N, D], with the requested evidence
   * @param encodeMillis encoding time of these tokens, including time spent in earlier requests
   * @param cachedMillis the part of {@code encodeMillis} that was spent in earlier requests
   * @param encodedTiles number of tiles that the encoder processed for this request
   */
  public record Encoded(
      PatchTokens tokens, double encodeMillis, double cachedMillis, int encodedTiles) {

    /** Whether nothing was encoded for this request. */
    public boolean fromCache() {
      return encodedTiles == 0;
    }
  }

  /**
   * Returns the tokens of all pictures or frames of a request, from the cache or from the
   * encoder. @see #encode(List, Set, PruningPlan)
   */
  public Encoded encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    return encode(pictures, evidence, PruningPlan.none());
  }

  /**
   * Returns the tokens of all pictures or frames of a request, from the cache or from the encoder.
   * If a cached entry lacks some of the evidence, its tiles are encoded again with both the cached
   * and the new evidence.
   *
   * @param plan steps inside the encoder are applied; steps at other points are ignored
   * @see VisionEncoder#encode(List, Set, PruningPlan)
   */
  public Encoded encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    boolean apart = RewrittenEncoder.inside(plan).isEmpty() && encoder.encodesTilesApart();
    if (apart && !pictures.isEmpty()) {
      return tiles.encode(pictures, evidence);
    }
    String key = key(pictures, plan);
    @Nullable Encoded known = cache.getIfPresent(key);
    if (known != null && has(known, evidence)) {
      return showing(known, evidence, true);
    }
    boolean[] encodedNow = {false};
    Encoded encoded =
        cache
            .asMap()
            .compute(
                key,
                (same, before) -> {
                  if (before != null && has(before, evidence)) {
                    return before;
                  }
                  Set<Evidence<?>> wanted = wanted(evidence, before);
                  @Nullable Encoded found = shared.find(Set.of(key), wanted).get(key);
                  if (found != null) {
                    return found;
                  }
                  encodedNow[0] = true;
                  Encoded now = encodeNow(pictures, wanted, plan);
                  shared.keep(Map.of(key, now), wanted);
                  return now;
                });
    return showing(encoded, evidence, !encodedNow[0]);
  }

  private static Set<Evidence<?>> wanted(
      Set<? extends Evidence<?>> evidence, @Nullable Encoded before) {
    Set<Evidence<?>> wanted = new HashSet<>(evidence);
    if (before != null) {
      wanted.addAll(before.tokens().evidenceKinds());
    }
    return wanted;
  }

  private Encoded encodeNow(List<TiledImage> pictures, Set<Evidence<?>> wanted) {
    return encodeNow(pictures, wanted, PruningPlan.none());
  }

  private Encoded encodeNow(List<TiledImage> pictures, Set<Evidence<?>> wanted, PruningPlan plan) {
    encodings.acquireUninterruptibly();
    try {
      long start = System.nanoTime();
      PatchTokens tokens = encoder.encode(pictures, wanted, plan);
      double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
      return new Encoded(
          tokens, millis, 0, pictures.stream().mapToInt(picture -> picture.tiles().size()).sum());
    } finally {
      encodings.release();
    }
  }

  private static boolean has(Encoded known, Set<? extends Evidence<?>> evidence) {
    return known.tokens().evidenceKinds().containsAll(evidence);
  }

  private static Encoded showing(
      Encoded encoded, Set<? extends Evidence<?>> evidence, boolean fromCache) {
    return new Encoded(
        encoded.tokens().showingOnly(Set.copyOf(evidence)),
        encoded.encodeMillis(),
        fromCache ? encoded.encodeMillis() : 0,
        fromCache ? 0 : encoded.encodedTiles());
  }

  private static String key(List<TiledImage> pictures, PruningPlan plan) {
    ContentKey key = new ContentKey().with(inside(plan));
    for (TiledImage picture : pictures) {
      key.with(
              "%d %d %s %s;"
                  .formatted(
                      picture.pictureWidth(),
                      picture.pictureHeight(),
                      picture.tiles(),
                      picture.isPartial() ? picture.kept() : List.of()))
          .with(picture);
    }
    return key.text();
  }

  /** The part of a plan that changes the encoder's output. */
  private static String inside(PruningPlan plan) {
    return RewrittenEncoder.inside(plan).stream().map(plan::at).toList().toString();
  }
}
