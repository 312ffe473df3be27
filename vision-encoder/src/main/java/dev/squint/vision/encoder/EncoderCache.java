package dev.squint.vision.encoder;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.tile.TiledImage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A vision encoder that remembers what it encoded, by the content of the tiles, so that a second
 * question about the same pictures, or another plan, costs no encoding. Tiles are remembered one by
 * one ({@link TileCache}), so other frames of the same video, or one more picture, cost the
 * encoding of what is new; but the tiles of a request together where a plan merges tokens inside
 * the encoder, or the encoder does not encode them apart. Bounded by bytes; what was not used for
 * longest goes first. Thread-safe: of two requests for the same tiles at once, one encodes and the
 * other waits.
 */
public final class EncoderCache {

  /**
   * 256 MiB: 2,300 pictures of one tile of 144 tokens of 192 values, 3 of 17 tiles of 1024 x 1152.
   */
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  private static final double NANOS_PER_MILLI = 1e6;

  private final VisionEncoder encoder;
  private final Semaphore encodings;
  private final Cache<String, Encoded> cache;
  private final TileCache tiles;

  /**
   * Wraps an encoder, which stays the caller's to close.
   *
   * @param maxBytes of features and evidence that are kept; 0 keeps nothing
   * @throws IllegalArgumentException if the bound is negative
   */
  public EncoderCache(VisionEncoder encoder, long maxBytes) {
    this(encoder, maxBytes, Integer.MAX_VALUE);
  }

  /**
   * Wraps an encoder, which stays the caller's to close.
   *
   * @param maxBytes of features and evidence that are kept; 0 keeps nothing
   * @param encodings how many requests may be encoded at once; the others wait
   * @throws IllegalArgumentException if a bound is negative or nothing could be encoded
   */
  public EncoderCache(VisionEncoder encoder, long maxBytes, int encodings) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "an encoder cache holds 0 or more bytes but was given " + maxBytes);
    }
    if (encodings < 1) {
      throw new IllegalArgumentException(
          "at least 1 request must be encoded at once but it was " + encodings);
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
    this.tiles = new TileCache(this::encodeNow, cache);
  }

  /** The encoder that it wraps. */
  public VisionEncoder encoder() {
    return encoder;
  }

  /**
   * Visual tokens and how they were come by.
   *
   * @param tokens the tokens of all tiles, [N, D], with the evidence that was asked for
   * @param encodeMillis what the encoder took for them, also where that was for an earlier request
   * @param cachedMillis the part of it that was for earlier requests
   * @param encodedTiles how many tiles went through the encoder for this request
   */
  public record Encoded(
      PatchTokens tokens, double encodeMillis, double cachedMillis, int encodedTiles) {

    /** Whether nothing was encoded for this request. */
    public boolean fromCache() {
      return encodedTiles == 0;
    }
  }

  /**
   * Encodes all pictures or frames of a request, or remembers them.
   *
   * @see #encode(List, Set, PruningPlan)
   */
  public Encoded encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    return encode(pictures, evidence, PruningPlan.none());
  }

  /**
   * Encodes all pictures or frames of a request, or remembers them. If they are remembered without
   * all of the evidence, they are encoded again for the old and the new evidence together.
   *
   * @param plan what happens inside the encoder; steps at other points are passed over
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
                  encodedNow[0] = true;
                  return encodeNow(pictures, wanted(evidence, before), plan);
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
              "%d %d %s;"
                  .formatted(picture.pictureWidth(), picture.pictureHeight(), picture.tiles()))
          .with(picture, picture.pixels());
    }
    return key.text();
  }

  /** The part of a plan that changes what the encoder gives. */
  private static String inside(PruningPlan plan) {
    return RewrittenEncoder.inside(plan).stream().map(plan::at).toList().toString();
  }
}
