package dev.squint.vision.encoder;

import com.github.benmanes.caffeine.cache.Cache;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import dev.squint.vision.onnx.Cancellation;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Caches the visual tokens of single tiles by the encoder's input for them. The tiles of a request
 * that are not cached are encoded together. If another request is encoding a tile, this request
 * waits for it. Thread-safe.
 */
final class TileCache {

  /** Encodes pictures, all of their tiles. */
  @FunctionalInterface
  interface Encode {
    Encoded encode(List<TiledImage> pictures, Set<Evidence<?>> evidence);
  }

  /** A request that waits for another one looks this often whether it is cancelled. */
  private static final long LOOK_MILLIS = 20;

  private final Encode encoder;
  private final Cache<String, Encoded> cache;
  private final SharedFeatures shared;
  private final Map<String, CompletableFuture<Encoded>> underWay = new ConcurrentHashMap<>();

  TileCache(Encode encoder, Cache<String, Encoded> cache, SharedFeatures shared) {
    this.encoder = encoder;
    this.cache = cache;
    this.shared = shared;
  }

  /** One tile of one picture of a request. */
  private record Place(int frame, TiledImage picture, int tile, String key) {}

  /** The tokens of all tiles, [N, D], with the evidence. */
  Encoded encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    List<Place> places = places(pictures);
    Map<String, Encoded> known = new HashMap<>();
    Map<String, Encoded> encodedNow = new HashMap<>();
    while (true) {
      Map<String, Place> missing = missing(places, known, evidence);
      if (missing.isEmpty()) {
        return together(places, known, encodedNow, evidence);
      }
      Map<String, CompletableFuture<Encoded>> mine = new LinkedHashMap<>();
      Map<String, CompletableFuture<Encoded>> others = new HashMap<>();
      for (String key : missing.keySet()) {
        CompletableFuture<Encoded> own = new CompletableFuture<>();
        CompletableFuture<Encoded> before = underWay.putIfAbsent(key, own);
        @Nullable Encoded meanwhile = before == null ? cache.getIfPresent(key) : null;
        if (meanwhile != null && has(meanwhile, evidence)) {
          known.put(key, meanwhile);
          own.complete(meanwhile);
          underWay.remove(key);
        } else {
          (before == null ? mine : others).put(key, before == null ? own : before);
        }
      }
      // Finish our own tiles first: otherwise two requests could wait for each other.
      encodedNow.putAll(finishMine(missing, mine, evidence, known));
      known.putAll(encodedNow);
      others.forEach((key, other) -> waitFor(key, other, evidence, known));
    }
  }

  private static List<Place> places(List<TiledImage> pictures) {
    List<Place> places = new ArrayList<>();
    for (int frame = 0; frame < pictures.size(); frame++) {
      TiledImage picture = pictures.get(frame);
      for (int tile = 0; tile < picture.tiles().size(); tile++) {
        String key =
            new ContentKey()
                .with(picture, tile)
                .with(groups(picture, tile))
                .with(Objects.toString(picture.tiles().get(tile).sheet(), ""))
                .text();
        places.add(new Place(frame, picture, tile, key));
      }
    }
    return places;
  }

  /** The groups of patches that are encoded; the same for all of them, listed or not. */
  private static String groups(TiledImage picture, int tile) {
    boolean all = picture.kept().isEmpty() || picture.kept().get(tile).isAll();
    return all ? "" : picture.kept().get(tile).toString();
  }

  /**
   * The tiles that neither the request nor the cache has with the evidence. Tiles of equal content
   * are listed once.
   */
  private Map<String, Place> missing(
      List<Place> places, Map<String, Encoded> known, Set<? extends Evidence<?>> evidence) {
    Map<String, Place> missing = new LinkedHashMap<>();
    for (Place place : places) {
      if (!known.containsKey(place.key())) {
        @Nullable Encoded before = cache.getIfPresent(place.key());
        if (before != null && has(before, evidence)) {
          known.put(place.key(), before);
        } else {
          missing.putIfAbsent(place.key(), place);
        }
      }
    }
    return missing;
  }

  private static boolean has(Encoded tile, Set<? extends Evidence<?>> evidence) {
    return tile.tokens().evidenceKinds().containsAll(evidence);
  }

  /** Adds tiles that other processes have encoded to those known, and returns those encoded now. */
  private Map<String, Encoded> finishMine(
      Map<String, Place> missing,
      Map<String, CompletableFuture<Encoded>> mine,
      Set<? extends Evidence<?>> evidence,
      Map<String, Encoded> known) {
    if (mine.isEmpty()) {
      return Map.of();
    }
    try {
      Set<Evidence<?>> wanted = wanted(mine.keySet(), evidence);
      Map<String, Encoded> found = shared.find(mine.keySet(), wanted);
      known.putAll(found);
      Map<String, Encoded> encoded =
          encodeAll(
              mine.keySet().stream()
                  .filter(key -> !found.containsKey(key))
                  .map(missing::get)
                  .toList(),
              wanted);
      shared.keep(encoded, wanted);
      cache.putAll(found);
      cache.putAll(encoded);
      mine.forEach((key, future) -> future.complete(found.getOrDefault(key, encoded.get(key))));
      return encoded;
    } catch (RuntimeException | Error e) {
      mine.values().forEach(future -> future.completeExceptionally(e));
      throw e;
    } finally {
      mine.forEach(underWay::remove);
    }
  }

  private Map<String, Encoded> encodeAll(List<Place> places, Set<Evidence<?>> wanted) {
    if (places.isEmpty()) {
      return Map.of();
    }
    Encoded all = encoder.encode(only(places), wanted);
    Map<String, Encoded> encoded = new HashMap<>();
    for (int i = 0; i < places.size(); i++) {
      PatchTokens tokens = alone(all.tokens(), i);
      double share = (double) tokens.size() / all.tokens().size();
      encoded.put(places.get(i).key(), new Encoded(tokens, all.encodeMillis() * share, 0, 1));
    }
    return encoded;
  }

  /** The requested evidence and the evidence that is cached for these tiles. */
  private Set<Evidence<?>> wanted(Set<String> keys, Set<? extends Evidence<?>> evidence) {
    Set<Evidence<?>> wanted = new HashSet<>(evidence);
    for (String key : keys) {
      @Nullable Encoded before = cache.getIfPresent(key);
      if (before != null) {
        wanted.addAll(before.tokens().evidenceKinds());
      }
    }
    return wanted;
  }

  /** The pictures with only these tiles; the tiles are in the order of the request. */
  private static List<TiledImage> only(List<Place> places) {
    List<TiledImage> pictures = new ArrayList<>();
    for (int from = 0; from < places.size(); ) {
      Place first = places.get(from);
      int to = from;
      while (to < places.size() && places.get(to).frame() == first.frame()) {
        to++;
      }
      int[] tiles = places.subList(from, to).stream().mapToInt(Place::tile).toArray();
      boolean all = tiles.length == first.picture().tiles().size();
      pictures.add(all ? first.picture() : first.picture().only(tiles));
      from = to;
    }
    return pictures;
  }

  private static PatchTokens alone(PatchTokens tokens, int tile) {
    Tile as = tokens.tiles().get(tile);
    return PatchTokens.together(
        List.of(Tile.global(0, as.rows(), as.cols())),
        List.of(new PatchTokens.EncodedTile(tokens, tile, 0)));
  }

  private static void waitFor(
      String key,
      CompletableFuture<Encoded> other,
      Set<? extends Evidence<?>> evidence,
      Map<String, Encoded> known) {
    while (true) {
      try {
        Encoded tile = other.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (has(tile, evidence)) {
          known.put(key, tile);
        }
        return;
      } catch (TimeoutException notYet) {
        Cancellation.throwIfCancelled();
      } catch (ExecutionException | CancellationException failed) {
        // Encode it again for this request, so that each request reports its own failure, and none
        // ends because the client of another one left.
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while another request encodes a tile", e);
      }
    }
  }

  private static Encoded together(
      List<Place> places,
      Map<String, Encoded> known,
      Map<String, Encoded> encodedNow,
      Set<? extends Evidence<?>> evidence) {
    List<Tile> tiles = new ArrayList<>();
    List<PatchTokens.EncodedTile> parts = new ArrayList<>();
    double cachedMillis = 0;
    for (Place place : places) {
      Encoded encoded = Objects.requireNonNull(known.get(place.key()));
      PatchTokens tokens = encoded.tokens().showingOnly(Set.copyOf(evidence));
      Tile as = tokens.tiles().get(0);
      tiles.add(
          new TokenGrid(as.rows(), as.cols())
              .tile(place.frame(), place.picture().tiles().get(place.tile()), place.picture()));
      parts.add(new PatchTokens.EncodedTile(tokens, 0, parts.size()));
      cachedMillis += encodedNow.containsKey(place.key()) ? 0 : encoded.encodeMillis();
    }
    double now = encodedNow.values().stream().mapToDouble(Encoded::encodeMillis).sum();
    return new Encoded(
        PatchTokens.together(tiles, parts), now + cachedMillis, cachedMillis, encodedNow.size());
  }
}
