package dev.squint.webapp.answering;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.answering.Turn.Part.ClipFile;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Caches the frames of clips by the content of the file and the chosen frames, so that a second
 * question about a clip, or another plan, needs no decoding. Bounded by bytes; the least recently
 * used frames are dropped first.
 */
final class ClipCache {

  private record Key(
      String digest, OptionalInt frames, OptionalDouble perSecond, double from, double to) {}

  private final Cache<Key, Clip> cache;

  /**
   * Makes an empty cache.
   *
   * @param maxBytes of pixels that are kept; 0 keeps nothing
   */
  ClipCache(long maxBytes) {
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((Key key, Clip clip) -> bytes(clip))
            .executor(Runnable::run)
            .build();
  }

  private static int bytes(Clip clip) {
    long bytes = clip.pictures().stream().mapToLong(picture -> picture.rgb().length).sum();
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  /** The frames of a file, or null if they are not in the cache. */
  @Nullable Clip get(ClipFile file) {
    return cache.getIfPresent(key(file));
  }

  void put(ClipFile file, Clip clip) {
    cache.put(key(file), clip);
  }

  private static Key key(ClipFile file) {
    ClipOptions wanted = file.wanted();
    return new Key(
        ContentHash.of(file.encoded()),
        wanted.frames(),
        wanted.perSecond(),
        wanted.from(),
        wanted.to());
  }
}
