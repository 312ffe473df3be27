package dev.squint.vision.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.picture.Region;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PictureCacheTest {

  private static final PictureReader READER = new PictureReader();

  /** 4 x 4 pixels: 48 bytes. */
  private static byte[] file(int seed) {
    byte[] rgb = new byte[48];
    rgb[0] = (byte) seed;
    return new Picture(4, 4, rgb).toPng();
  }

  @Test
  void sameBytes_areDecodedOnce() {
    PictureCache cache = new PictureCache(1000);
    Picture first = cache.read(READER, file(1), "a.png");
    assertThat(first.rgb()).isEqualTo(READER.read(file(1), "a.png").rgb());
    assertThat(cache.read(READER, file(1), "b.png")).isSameAs(first);
    assertThat(cache.read(READER, file(2), "a.png")).isNotSameAs(first);
    assertThat(cache.bytes()).isEqualTo(96);
  }

  @Test
  void anotherReader_givesItsOwnPicture_orRefusesIt() {
    PictureCache cache = new PictureCache(1000);
    Picture first = cache.read(READER, file(1), "a.png");
    assertThat(cache.read(READER.withBackground(0xffffff), file(1), "a.png")).isNotSameAs(first);
    PictureReader small = new PictureReader(15, false);
    for (int i = 0; i < 2; i++) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cache.read(small, file(1), "a.png"))
          .withMessageContaining("a.png has 4 x 4 pixels");
    }
  }

  @Test
  void theLeastRecentlyUsed_isDroppedFirst() {
    PictureCache cache = new PictureCache(100);
    Picture first = cache.read(READER, file(1), "1");
    Picture second = cache.read(READER, file(2), "2");
    assertThat(cache.read(READER, file(1), "1")).isSameAs(first);
    cache.read(READER, file(3), "3");
    assertThat(cache.bytes()).isEqualTo(96);
    assertThat(cache.read(READER, file(1), "1")).isSameAs(first);
    assertThat(cache.read(READER, file(2), "2")).isNotSameAs(second);
  }

  @Test
  void whatIsTooLarge_orAnything_ifThereIsNoRoom_isNotKept() {
    for (long room : new long[] {0, 47}) {
      PictureCache cache = new PictureCache(room);
      Picture first = cache.read(READER, file(1), "a");
      assertThat(cache.read(READER, file(1), "a")).isNotSameAs(first);
      assertThat(cache.bytes()).isZero();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PictureCache(-1))
        .withMessageContaining("0 (none) or more bytes but was given -1");
  }

  /** One tile of the picture's own size; counts how often it is asked. */
  private static final class CountingTiler implements ImageTiler {
    private int asked;

    @Override
    public TiledImage tile(Picture picture) {
      asked++;
      FloatBuffer pixels = FloatBuffer.allocate(picture.rgb().length);
      return new TiledImage(
          picture.width(),
          picture.height(),
          picture.width(),
          picture.height(),
          List.of(new TilePlacement(null, new Region(0, 0, picture.width(), picture.height()))),
          null,
          pixels);
    }

    @Override
    public int tiles(Dimensions picture) {
      return 1;
    }
  }

  @Test
  void tilesOfTheSamePictures_areMadeOnce_whateverIsBesideThem() {
    PictureCache cache = new PictureCache(10_000);
    CountingTiler counting = new CountingTiler();
    ImageTiler tiler = cache.remembering(counting);
    Picture a = READER.read(file(1), "a");
    Picture b = new Picture(2, 2, new byte[12]);
    List<TiledImage> both = tiler.tile(List.of(a, b));
    assertThat(tiler.tile(List.of(a, b))).isEqualTo(both).element(0).isSameAs(both.get(0));
    assertThat(tiler.tile(a)).isSameAs(both.get(0));
    assertThat(counting.asked).isEqualTo(2);
    Picture c = new Picture(1, 1, new byte[3]);
    assertThat(tiler.tile(List.of(b, c, a)))
        .extracting(TiledImage::pictureWidth)
        .containsExactly(2, 1, 4);
    assertThat(counting.asked).as("one more").isEqualTo(3);
    // An equal picture that is another object may be changed by its owner, so it is another one.
    assertThat(tiler.tile(READER.read(file(1), "a"))).isNotSameAs(both.get(0));
    // Four pictures and their floats: 5 bytes for each of 3 values a pixel.
    assertThat(cache.bytes()).isEqualTo(5 * (48 + 12 + 3 + 48));
    assertThat(new PictureCache(0).remembering(counting)).isSameAs(counting);
  }

  /** Cuts a picture in another way if it is not the only one. */
  private record DividingTiler(CountingTiler alone, CountingTiler amongOthers)
      implements ImageTiler {
    @Override
    public TiledImage tile(Picture picture) {
      return alone.tile(picture);
    }

    @Override
    public ImageTiler among(int pictures) {
      return pictures == 1 ? this : amongOthers;
    }

    @Override
    public int tiles(Dimensions picture) {
      return 1;
    }
  }

  @Test
  void aPictureAmongOthers_isNotTheSameAlone() {
    DividingTiler dividing = new DividingTiler(new CountingTiler(), new CountingTiler());
    ImageTiler tiler = new PictureCache(10_000).remembering(dividing);
    Picture a = new Picture(4, 4, new byte[48]);
    Picture b = new Picture(2, 2, new byte[12]);
    for (int i = 0; i < 2; i++) {
      assertThat(tiler.tile(List.of(a)).get(0)).isSameAs(tiler.tile(a));
      assertThat(tiler.tile(List.of(a, b)).get(0)).isNotSameAs(tiler.tile(a));
    }
    assertThat(dividing.alone.asked).isEqualTo(1);
    assertThat(dividing.amongOthers.asked).isEqualTo(2);
  }

  @Test
  void tilesMadeInAnotherWay_areOthers() {
    Picture a = new Picture(4, 4, new byte[48]);
    CountingTiler counting = new CountingTiler();
    for (long room : new long[] {10_000, 0}) {
      counting.asked = 0;
      PictureCache cache = new PictureCache(room);
      for (int i = 0; i < 4; i++) {
        cache.tiles(a, i % 2, () -> counting.tile(a));
      }
      assertThat(counting.asked).isEqualTo(room == 0 ? 4 : 2);
    }
  }

  @Test
  void threadsThatReadTheSameFile_getOnePicture() throws InterruptedException, ExecutionException {
    PictureCache cache = new PictureCache(10_000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Picture>> read =
          IntStream.range(0, 40)
              .mapToObj(i -> threads.submit(() -> cache.read(READER, file(i % 2), "a")))
              .toList();
      for (int i = 0; i < 40; i++) {
        assertThat(read.get(i).get()).isSameAs(read.get(i % 2).get());
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
