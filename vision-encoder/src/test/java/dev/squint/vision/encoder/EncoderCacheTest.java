package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import dev.squint.vision.onnx.Cancellation;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.ImageTiler;
import dev.squint.vision.tile.ImageTilers;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EncoderCacheTest {
  private static final int THREADS = 4;

  private static final ClsAttention LAST = new ClsAttention(-1);
  private static final ClsAttention FIRST = new ClsAttention(0);
  private static final int BYTES_WITHOUT_EVIDENCE = 4 * 2 * Float.BYTES;

  private final CountingEncoder encoder = new CountingEncoder();

  @Test
  void samePixelsAreEncodedOnce_andTheTimeIsThatOfTheEncoding() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    Encoded first = cache.encode(List.of(picture(1)), Set.of());
    Encoded second = cache.encode(List.of(picture(1)), Set.of());
    assertThat(encoder.asked).hasSize(1);
    assertThat(first.fromCache()).isFalse();
    assertThat(second.fromCache()).isTrue();
    assertThat(second.encodeMillis()).isEqualTo(first.encodeMillis()).isGreaterThan(1);
    assertThat(second.tokens().features()).isEqualTo(first.tokens().features());
  }

  @Test
  void whereTilesAreNotEncodedApart_onePixelAnOtherOrderOrAnotherPlaceIsAnotherPicture() {
    encoder.apart = false;
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    cache.encode(List.of(picture(1), picture(2)), Set.of());
    cache.encode(List.of(picture(2), picture(1)), Set.of());
    cache.encode(List.of(picture(1)), Set.of());
    cache.encode(List.of(crop(1)), Set.of());
    assertThat(encoder.asked).hasSize(4);
    assertThat(cache.encode(List.of(crop(1)), Set.of()).fromCache()).isTrue();
    assertThat(encoder.asked).hasSize(4);
  }

  @Test
  void otherFramesOfAClipOrOneMorePicture_encodeWhatIsNewAndStandInTheirPlaces() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    cache.encode(List.of(picture(1), picture(2), picture(3), picture(4)), Set.of(LAST));
    assertThat(encoder.tiles.get()).isEqualTo(4);

    Encoded other = cache.encode(List.of(picture(4), picture(5), picture(2)), Set.of(LAST));
    assertThat(encoder.tiles.get()).isEqualTo(5);
    assertThat(other.encodedTiles()).isEqualTo(1);
    assertThat(other.fromCache()).isFalse();
    assertThat(other.cachedMillis()).isBetween(1e-3, other.encodeMillis());
    assertThat(firstOfEachTile(other.tokens())).containsExactly(4, 5, 2);
    assertThat(other.tokens().tiles().stream().map(Tile::frame)).containsExactly(0, 1, 2);
    assertThat(other.tokens().evidenceKinds()).containsExactly(LAST);

    Encoded crop = cache.encode(List.of(crop(1), picture(1)), Set.of());
    assertThat(crop.encodedTiles()).isZero();
    assertThat(crop.tokens().tiles().get(0).crop()).isEqualTo(new Tile.Crop(0, 0, 1, 1));
    assertThat(crop.tokens().tiles().get(1).crop()).isNull();
  }

  @Test
  void aFrameThatIsTwiceInARequest_isEncodedOnce() {
    Encoded still =
        new EncoderCache(encoder, 0)
            .encode(List.of(picture(1), picture(1), picture(2), picture(1)), Set.of());
    assertThat(encoder.tiles.get()).isEqualTo(2);
    assertThat(firstOfEachTile(still.tokens())).containsExactly(1, 1, 2, 1);
  }

  private static List<Integer> firstOfEachTile(PatchTokens tokens) {
    return IntStream.range(0, tokens.tiles().size())
        .mapToObj(tile -> (int) tokens.features().get(tokens.ofTile(tile)[0], 0))
        .toList();
  }

  @Test
  void tilesOfOnePicture_areToldApart() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    Encoded first = cache.encode(List.of(tiled(1, 2, 3)), Set.of());
    assertThat(firstOfEachTile(first.tokens())).containsExactly(1, 2, 3);
    assertThat(encoder.tiles.get()).isEqualTo(3);

    Encoded second = cache.encode(List.of(tiled(3, 4, 1)), Set.of());
    assertThat(firstOfEachTile(second.tokens())).containsExactly(3, 4, 1);
    assertThat(second.encodedTiles()).isEqualTo(1);
    assertThat(encoder.tiles.get()).isEqualTo(4);
  }

  @Test
  void tilesOfAPictureThatIsCutAgain_areKnown_andOnlyThoseThatChangedAreNew() {
    ImageTiler tiler =
        ImageTilers.of(
            JsonNodeFactory.instance
                .objectNode()
                .put("image_processor_type", "Phi3VImageProcessor")
                .put("num_crops", 4));
    byte[] rgb = new byte[3 * 64 * 64];
    new Random(1).nextBytes(rgb);
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    assertThat(encodedTiles(cache, tiler, rgb)).isEqualTo(5);
    assertThat(encodedTiles(cache, tiler, rgb)).isZero();
    rgb[0] ^= 64;
    // One of four crops, and the whole picture.
    assertThat(encodedTiles(cache, tiler, rgb)).isEqualTo(2);
    encoder.apart = false;
    assertThat(encodedTiles(cache, tiler, rgb)).isEqualTo(5);
    assertThat(encodedTiles(cache, tiler, rgb)).isZero();
    rgb[rgb.length - 1] ^= 64;
    assertThat(encodedTiles(cache, tiler, rgb)).isEqualTo(5);
  }

  private static int encodedTiles(EncoderCache cache, ImageTiler tiler, byte[] rgb) {
    TiledImage tiled = tiler.tile(new Picture(64, 64, rgb.clone()));
    return cache.encode(List.of(tiled), Set.of()).encodedTiles();
  }

  @Test
  void theLastPixelOfALargePictureCounts() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    float[] pixels = new float[3 * 200 * 200];
    cache.encode(List.of(picture(200, pixels)), Set.of());
    pixels[pixels.length - 1] = 1;
    cache.encode(List.of(picture(200, pixels)), Set.of());
    assertThat(encoder.asked).hasSize(2);
  }

  @Test
  void requestsThatShareTiles_encodeEachOfThemOnce() throws Exception {
    List<Encoded> results =
        encodeTogether(
            i -> List.of(picture(i + 1), picture(i + 2), picture(i + 3), picture(9 - i)));
    for (int i = 0; i < THREADS; i++) {
      assertThat(firstOfEachTile(results.get(i).tokens()))
          .containsExactly(i + 1, i + 2, i + 3, 9 - i);
    }
    assertThat(encoder.tiles.get()).isEqualTo(9);
  }

  /** One cache encodes the pictures of several threads, which begin at the same time. */
  private List<Encoded> encodeTogether(IntFunction<List<TiledImage>> pictures) throws Exception {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    CountDownLatch together = new CountDownLatch(THREADS);
    try {
      List<Future<Encoded>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        List<TiledImage> ofThread = pictures.apply(i);
        results.add(
            threads.submit(
                () -> {
                  together.countDown();
                  together.await();
                  return cache.encode(ofThread, Set.of());
                }));
      }
      List<Encoded> encoded = new ArrayList<>();
      for (Future<Encoded> result : results) {
        encoded.add(result.get());
      }
      return encoded;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aClientThatLeaves_endsItsOwnRequest_andNotOneThatWaitsForTheSameTile() throws Exception {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicBoolean first = new AtomicBoolean(true);
    encoder.before =
        () -> {
          if (first.getAndSet(false)) {
            begun.countDown();
            leave.await();
            throw new CancellationException("its client left");
          }
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      Future<?> encodes = threads.submit(() -> cache.encode(List.of(picture(1)), Set.of()));
      begun.await();
      AtomicBoolean gone = new AtomicBoolean();
      Future<?> waitsAndLeaves =
          threads.submit(
              () -> {
                Cancellation watched = Cancellation.watching(gone::get);
                try {
                  return cache.encode(List.of(picture(1)), Set.of());
                } finally {
                  watched.close();
                }
              });
      AtomicReference<Thread> waiting = new AtomicReference<>();
      Future<Encoded> waits =
          threads.submit(
              () -> {
                waiting.set(Thread.currentThread());
                return cache.encode(List.of(picture(1)), Set.of());
              });
      gone.set(true);
      assertThatThrownBy(waitsAndLeaves::get).hasCauseInstanceOf(CancellationException.class);
      while (waiting.get() == null || waiting.get().getState() == Thread.State.RUNNABLE) {
        Thread.sleep(1);
      }
      leave.countDown();
      assertThatThrownBy(encodes::get).hasCauseInstanceOf(CancellationException.class);
      assertThat(firstOfEachTile(waits.get().tokens())).containsExactly(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void missingEvidenceEncodesAgainForOldAndNewTogether() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    cache.encode(List.of(picture(1)), Set.of(FIRST));
    cache.encode(List.of(picture(1)), Set.of(LAST));
    assertThat(encoder.asked).containsExactly(Set.of(FIRST), Set.of(FIRST, LAST));
    assertThat(cache.encode(List.of(picture(1)), Set.of(FIRST)).fromCache()).isTrue();
  }

  @Test
  void noEvidenceIsShownThatWasNotAskedFor() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    cache.encode(List.of(picture(1)), Set.of(LAST));
    assertThat(cache.encode(List.of(picture(1)), Set.of()).tokens().evidenceKinds()).isEmpty();
  }

  @Test
  void holdsNoMoreBytesThanItMay() {
    EncoderCache two = new EncoderCache(encoder, 2 * BYTES_WITHOUT_EVIDENCE);
    for (int round = 0; round < 3; round++) {
      for (int picture = 0; picture < 3; picture++) {
        two.encode(List.of(picture(picture)), Set.of());
      }
    }
    assertThat(encoder.asked.size()).isBetween(4, 9);
    encoder.asked.clear();
    EncoderCache three = new EncoderCache(encoder, 3 * BYTES_WITHOUT_EVIDENCE);
    for (int round = 0; round < 3; round++) {
      for (int picture = 0; picture < 3; picture++) {
        three.encode(List.of(picture(picture)), Set.of());
      }
    }
    assertThat(encoder.asked).hasSize(3);
  }

  @Test
  void zeroBytesKeepsNothing() {
    EncoderCache cache = new EncoderCache(encoder, 0);
    cache.encode(List.of(picture(1)), Set.of());
    assertThat(cache.encode(List.of(picture(1)), Set.of()).fromCache()).isFalse();
  }

  @Test
  void aFailureIsNotKept() {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.encode(List.of(), Set.of()))
        .withMessageContaining("no pictures");
    assertThatIllegalArgumentException().isThrownBy(() -> cache.encode(List.of(), Set.of()));
    assertThat(encoder.asked).hasSize(2);
  }

  @Test
  void ofSeveralThreadsOneEncodes() throws Exception {
    assertThat(encodeTogether(i -> List.of(picture(1))))
        .extracting(Encoded::fromCache)
        .containsExactlyInAnyOrder(false, true, true, true);
    assertThat(encoder.asked).hasSize(1);
  }

  @Test
  void noMoreThanAllowedAreEncodedAtOnce() throws Exception {
    EncoderCache cache = new EncoderCache(encoder, 1 << 20, 2);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<Encoded>> results = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        TiledImage picture = picture(i + 1);
        results.add(threads.submit(() -> cache.encode(List.of(picture), Set.of())));
      }
      for (Future<Encoded> result : results) {
        assertThat(result.get().fromCache()).isFalse();
      }
      assertThat(encoder.mostAtOnce.get()).isEqualTo(2);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void noEncodingAtAllIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EncoderCache(encoder, 1, 0))
        .withMessageContaining("must be 1 or more");
  }

  @Test
  void aNegativeBoundIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EncoderCache(encoder, -1))
        .withMessageContaining("-1");
  }

  private static TiledImage picture(int value) {
    float[] pixels = new float[3 * 2 * 2];
    pixels[0] = value;
    return picture(2, pixels);
  }

  private static TiledImage picture(int edge, float[] pixels) {
    TilePlacement whole = new TilePlacement(null, new Region(0, 0, edge, edge));
    return new TiledImage(edge, edge, edge, edge, List.of(whole), null, FloatBuffer.wrap(pixels));
  }

  private static TiledImage crop(int value) {
    float[] pixels = new float[3 * 2 * 2];
    pixels[0] = value;
    TilePlacement crop = new TilePlacement(new Tile.Crop(0, 0, 1, 1), new Region(0, 0, 2, 2));
    return new TiledImage(2, 2, 2, 2, List.of(crop), null, FloatBuffer.wrap(pixels));
  }

  /** A picture of several tiles of 2 x 2 pixels, side by side. */
  private static TiledImage tiled(int... values) {
    float[] pixels = new float[values.length * 12];
    List<TilePlacement> places = new ArrayList<>();
    for (int tile = 0; tile < values.length; tile++) {
      pixels[12 * tile] = values[tile];
      places.add(
          new TilePlacement(
              new Tile.Crop(0, tile, 1, values.length), new Region(2 * tile, 0, 2 * tile + 2, 2)));
    }
    return new TiledImage(2 * values.length, 2, 2, 2, places, null, FloatBuffer.wrap(pixels));
  }

  /** Gives four tokens of two values for each tile. */
  private static final class CountingEncoder implements VisionEncoder {

    private final List<Set<? extends Evidence<?>>> asked =
        Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final AtomicInteger tiles = new AtomicInteger();
    private boolean apart = true;
    private Callable<?> before = () -> null;

    @Override
    public PatchTokens encode(
        List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
      try {
        before.call();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      asked.add(Set.copyOf(evidence));
      if (pictures.isEmpty()) {
        throw new IllegalArgumentException("no pictures");
      }
      mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      atOnce.decrementAndGet();
      List<Tile> tiles = new ArrayList<>();
      List<Float> first = new ArrayList<>();
      for (int frame = 0; frame < pictures.size(); frame++) {
        FloatBuffer pixels = pictures.get(frame).pixels();
        int count = pictures.get(frame).tiles().size();
        for (int tile = 0; tile < count; tile++) {
          tiles.add(Tile.global(frame, 2, 2));
          first.add(pixels.get(tile * pixels.remaining() / count));
        }
      }
      int tokens = 4 * tiles.size();
      EvidenceSet observed = EvidenceSet.nothing();
      for (Evidence<?> kind : evidence) {
        observed =
            observed.with(
                (ClsAttention) kind, Attention.of(new Matrix(1, tokens, new float[tokens])));
      }
      float[] features = new float[2 * tokens];
      for (int i = 0; i < first.size(); i++) {
        features[8 * i] = first.get(i);
      }
      this.tiles.addAndGet(first.size());
      return PatchTokens.encoded(tiles, new Matrix(tokens, 2, features), observed);
    }

    @Override
    public void check(PruningPlan plan) {}

    @Override
    public boolean encodesTilesApart() {
      return apart;
    }

    @Override
    public boolean gives(Evidence<?> evidence) {
      return evidence instanceof ClsAttention;
    }

    @Override
    public void close() {}
  }
}
