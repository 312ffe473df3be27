package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.Fixtures;
import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.HeifStructure;
import dev.squint.vision.format.UnreadableFileException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are small and would take long: refused by their headers, or interrupted. */
class DecodeBudgetTest {

  private final PictureReader reader = new PictureReader();

  @Test
  void progressiveJpegWithThousandsOfScans_isRefusedByItsMarkers() throws IOException {
    byte[] file = progressive(1600, 1600, 5000);
    assertThatThrownBy(() -> reader.read(file, "a.jpg"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "a.jpg needs too much work to decode: 50\\d\\d scans of 1600 x 1600 pixels; save it"
                + " again as a plain JPEG, PNG or MP4 file");
    // The size is what servers ask for first.
    assertThatThrownBy(() -> reader.size(file, "a.jpg")).hasMessageContaining("too much work");
  }

  // The blocks of a graphic control extension have lengths, but ImageIO takes 4 bytes for granted:
  // here it finds an image
  // of 1.6 GB in the rest of the block.
  @Test
  void gifThatLooksLargerToTheDecoderThanItsBlocksSay_isDamaged() throws IOException {
    byte[] plain = Fixtures.bytes("pictures/rgb.gif");
    int at = 13 + ((plain[10] & 0x80) == 0 ? 0 : 3 << ((plain[10] & 7) + 1));
    byte[] hidden = {
      0x21,
      (byte) 0xf9,
      16,
      0,
      0,
      0,
      0,
      0,
      0x2c,
      0,
      0,
      0,
      0,
      0x40,
      (byte) 0x9c,
      0x40,
      (byte) 0x9c,
      0,
      8,
      0
    };
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(plain, 0, at);
    file.writeBytes(hidden);
    file.write(plain, at, plain.length - at);

    assertThatThrownBy(() -> reader.read(file.toByteArray(), "a.gif"))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void manyScansOfFewPixels_countToo() throws IOException {
    byte[] file = progressive(16, 16, 700_000);
    assertThatThrownBy(() -> reader.read(file, "a.jpg")).hasMessageContaining("too much work");
  }

  @Test
  void scansBehindRubbish_countToo() throws IOException {
    byte[] file = progressive(1600, 1600, 5000);
    int first = find(file, 0, 0xda);
    byte[] rubbish = new byte[file.length + 3];
    System.arraycopy(file, 0, rubbish, 0, first);
    System.arraycopy(file, first, rubbish, first + 3, file.length - first);
    assertThatThrownBy(() -> reader.read(rubbish, "a.jpg")).hasMessageContaining("too much work");
  }

  @Test
  void ordinaryProgressivePicturesOfTheLargestSize_areWithinTheBudget() throws IOException {
    byte[] file = progressive(800, 800, 0);
    int frame = find(file, 0, 0xc2);
    ByteBuffer.wrap(file).putShort(frame + 5, (short) 10_000).putShort(frame + 7, (short) 10_000);
    assertThat(reader.size(file, "a.jpg")).isEqualTo(new Dimensions(10_000, 10_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 30})
  void decodingIsBrokenOff_whereverItIs(int questions) throws IOException {
    byte[] file = progressive(1600, 1600, 50);
    AtomicInteger asked = new AtomicInteger();
    PictureReader stopping = reader.cancelledBy(() -> asked.incrementAndGet() > questions);
    assertThatThrownBy(() -> stopping.read(file, "a.jpg"))
        .isInstanceOf(CancellationException.class)
        .hasMessage("decoding of a.jpg was cancelled");
    // The few that are asked while the exception travels.
    assertThat(asked.get()).isLessThan(questions + 10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb.png",
        "rgb.gif",
        "rgb.bmp",
        "rgb.tif",
        "lzw.tif",
        "baseline-420.jpg",
        "lossy.webp"
      })
  void everyFormat_asksWhetherToStop(String name) {
    byte[] file = Fixtures.bytes("pictures/" + name);
    assertThatThrownBy(() -> reader.cancelledBy(() -> true).read(file, name))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void interruptsAndDeadlines_stopDecoding() throws IOException {
    byte[] file = progressive(64, 64, 0);
    PictureReader late = reader.withBudget(DecodeBudget.DEFAULT.within(Duration.ofNanos(-1)));
    assertThatThrownBy(() -> late.read(file, "a.jpg")).isInstanceOf(CancellationException.class);
    assertThat(reader.withBudget(DecodeBudget.DEFAULT.within(Duration.ofDays(1))).read(file, "a"))
        .isNotNull();
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> reader.read(file, "a.jpg"))
          .isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void textsOfPngFiles_areNeverInflated() throws IOException {
    byte[] palette = Fixtures.bytes("pictures/palette.png");
    Deflater deflater = new Deflater();
    deflater.setInput(new byte[100 << 20]);
    deflater.finish();
    byte[] packed = new byte[1 << 20];
    int length = deflater.deflate(packed);
    byte[] text = new byte[7 + length];
    text[0] = 'k';
    System.arraycopy(packed, 0, text, 3, length);
    byte[] file = withChunk(palette, "zTXt", Arrays.copyOf(text, 3 + length));
    assertThat(Fixtures.difference(reader.read(file, "a.png"), reader.read(palette, "a.png")))
        .isZero();
  }

  @Test
  void tiffTilesLargerThanThePicture_areRefused() {
    ByteBuffer tiff = tiff(6);
    entry(tiff, 256, 4, 10);
    entry(tiff, 257, 4, 10);
    entry(tiff, 322, 4, 1 << 30);
    entry(tiff, 323, 4, 1 << 10);
    entry(tiff, 324, 4, 8);
    entry(tiff, 325, 4, 8);
    assertThatThrownBy(() -> reader.read(bytes(tiff), "a.tif"))
        .hasMessageContaining("needs too much work to decode: strips or tiles");
  }

  @Test
  void tiffStripsThatShareTheirBytes_areRefused() {
    int strips = 2000;
    ByteBuffer tiff = tiff(5 + 2 * strips);
    entry(tiff, 256, 4, 10);
    entry(tiff, 257, 4, strips);
    entry(tiff, 278, 4, 1);
    int tables = 8 + 2 + 5 * 12 + 4;
    many(tiff, 273, strips, tables);
    many(tiff, 279, strips, tables + 4 * strips);
    for (int i = 0; i < strips; i++) {
      tiff.putInt(tables + 4 * i, 8).putInt(tables + 4 * strips + 4 * i, 40_000);
    }
    assertThatThrownBy(() -> reader.read(bytes(tiff), "a.tif"))
        .hasMessageContaining("too much work");
  }

  @Test
  void tiffDirectoriesInACircle_end() {
    ByteBuffer tiff = tiff(2);
    entry(tiff, 256, 4, 10);
    entry(tiff, 257, 4, 10);
    tiff.putInt(8 + 2 + 2 * 12, 8);
    assertThatThrownBy(() -> reader.read(bytes(tiff), "a.tif"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a.tif is damaged or cut off");
  }

  @Test
  void codedPixelsCount_whateverPartOfThemIsShown() {
    ByteBuffer file = ByteBuffer.wrap(Fixtures.bytes("traits/cropped.heic").clone());
    int size = new String(file.array(), StandardCharsets.ISO_8859_1).indexOf("ispe");
    file.putInt(size + 8, 10_000).putInt(size + 12, 6_000);
    PictureReader small = new PictureReader(50_000_000, false);
    assertThatThrownBy(() -> small.read(file.array(), "a.heic"))
        .hasMessage(
            "a.heic shows a part of 60000000 coded pixels; at most 50000000 are decoded: save that part as a picture");
  }

  /** One other byte, and the grid of the transparency declares 16384 x 12288 pixels: 600 MB. */
  @Test
  void transparencyOfAnotherSize_isNotDecoded() {
    byte[] file = Fixtures.bytes("traits/alpha.heic").clone();
    assertThat(HeifStructure.of(ByteSource.of(file)).alpha()).isPresent();
    file[202] = 1;
    assertThat(HeifStructure.of(ByteSource.of(file)).alpha()).isEmpty();
    assertThat(reader.withBackground(0xffffff).read(file, "a.heic").width()).isEqualTo(64);
  }

  /** Nothing can stop these decoders, so their headers must. */
  @Test
  void callsThatCannotBeStopped_areShort() {
    PictureReader any =
        new PictureReader(1L << 30, false)
            .withBudget(DecodeBudget.DEFAULT.withMaxPixelVisits(Long.MAX_VALUE));
    ByteBuffer webp = ByteBuffer.wrap(Fixtures.bytes("traits/lossless.webp").clone());
    // VP8L: 14 bits of width and of height, each less 1.
    webp.order(ByteOrder.LITTLE_ENDIAN).putInt(21, 0x0fffffff);
    assertThatThrownBy(() -> any.read(webp.array(), "a.webp"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a.webp takes more than 2 s to decode in one step");
    ByteBuffer avif = ByteBuffer.wrap(Fixtures.bytes("traits/plain.avif").clone());
    int size = new String(avif.array(), StandardCharsets.ISO_8859_1).indexOf("ispe");
    avif.putInt(size + 8, 10_000).putInt(size + 12, 9_000);
    assertThatThrownBy(() -> any.size(avif.array(), "a.avif"))
        .hasMessageStartingWith("a.avif takes more than 2 s to decode in one step");
    // A noisy file has more bytes a pixel, and each of them takes longer.
    assertThat(CallTime.webp(4_000_000, 10_600_000)).isBetween(270_000_000L, 400_000_000L);
    assertThat(CallTime.webp(100_000_000, 15_000_000)).isLessThan(2_000_000_000L);
  }

  @Test
  void bitmapThatHoldsAnotherFile_isRefused() {
    byte[] file = Fixtures.bytes("pictures/rgb.bmp").clone();
    file[30] = 4;
    assertThatThrownBy(() -> reader.read(file, "a.bmp"))
        .hasMessage("a.bmp is a BMP file that holds a JPEG or PNG file; save it as that");
  }

  @Test
  void budgetIsCheckedWhenItIsMade() {
    assertThatThrownBy(() -> DecodeBudget.DEFAULT.withMaxPixelVisits(0))
        .hasMessage("maxPixelVisits must be at least 1 but was 0");
  }

  /** A grey JPEG whose last scan is repeated. */
  private static byte[] progressive(int width, int height, int more) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(output);
      writer.write(null, new IIOImage(image, null, null), param);
    }
    writer.dispose();
    byte[] plain = file.toByteArray();
    int last = 0;
    for (int at = find(plain, 0, 0xda); at >= 0; at = find(plain, at + 2, 0xda)) {
      last = at;
    }
    byte[] scan = Arrays.copyOfRange(plain, last, plain.length - 2);
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.write(plain, 0, plain.length - 2);
    for (int i = 0; i < more; i++) {
      longer.writeBytes(scan);
    }
    longer.write(plain, plain.length - 2, 2);
    return longer.toByteArray();
  }

  private static int find(byte[] file, int from, int marker) {
    for (int i = from; i + 1 < file.length; i++) {
      if ((file[i] & 0xff) == 0xff && (file[i + 1] & 0xff) == marker) {
        return i;
      }
    }
    return -1;
  }

  /** Behind the header of a PNG file. */
  private static byte[] withChunk(byte[] png, String type, byte[] content) {
    int header = 8 + 12 + 13;
    ByteBuffer file = ByteBuffer.allocate(png.length + 12 + content.length);
    file.put(png, 0, header)
        .putInt(content.length)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .put(content)
        .putInt(0)
        .put(png, header, png.length - header);
    return file.array();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static ByteBuffer tiff(int entries) {
    ByteBuffer tiff =
        ByteBuffer.allocate(8 + 2 + 12 * entries + 4 + 100_000).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8).putShort((short) 0);
    return tiff;
  }

  private static void entry(ByteBuffer tiff, int tag, int type, int value) {
    tiff.putShort(8, (short) (tiff.getShort(8) + 1));
    tiff.putShort((short) tag).putShort((short) type).putInt(1).putInt(value);
  }

  private static void many(ByteBuffer tiff, int tag, int count, int at) {
    tiff.putShort(8, (short) (tiff.getShort(8) + 1));
    tiff.putShort((short) tag).putShort((short) 4).putInt(count).putInt(at);
  }
}
