package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.vision.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {

  private static final JsonNode EXPECTED = Fixtures.json("pictures/expected.json");

  private final PictureReader reader = new PictureReader();

  @TempDir Path folder;

  static Stream<String> everyKindOfPicture() {
    return EXPECTED.properties().stream().map(Map.Entry::getKey);
  }

  static Stream<String> everyFormat() {
    return Stream.of(
        "baseline-420.jpg",
        "progressive-420.jpg",
        "cmyk.jpg",
        "rgb.png",
        "rgb.gif",
        "rgb.bmp",
        "rgb.tif",
        "lossy.webp",
        "lossless.webp");
  }

  @ParameterizedTest
  @MethodSource("everyKindOfPicture")
  void givesThePixelsOfPillow(String name) {
    Picture read = reader.read(Fixtures.bytes("pictures/" + name), name);
    assertThat(Fixtures.difference(read, Fixtures.picture(EXPECTED.get(name)))).isZero();
  }

  @Test
  void sixteenBitsOfGrey_keepsTheUpperEight() {
    Picture read = reader.read(Fixtures.bytes("pictures/sixteen-grey.png"), "sixteen-grey.png");
    // The recipe counts up by 127 of 65536 from pixel to pixel.
    for (int pixel : new int[] {0, 1, 3, 200, 27 * 19 - 1}) {
      byte upper = (byte) ((pixel * 127) >> 8);
      assertThat(Arrays.copyOfRange(read.rgb(), 3 * pixel, 3 * pixel + 3))
          .containsExactly(upper, upper, upper);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"animated.gif", "animated.webp", "animated.png", "pages.tif"})
  void severalFrames_isRefusedUnlessTheFirstWillDo(String name) {
    byte[] file = Fixtures.bytes("pictures/" + name);
    assertThatThrownBy(() -> reader.read(file, name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            name
                + " has several frames or pages; give an animation as a clip, or save one page as a picture");
    Picture first = new PictureReader(1000, true).read(file, name);
    assertThat(first.width()).isEqualTo(12);
    assertThat(first.height()).isEqualTo(9);
  }

  @ParameterizedTest
  @MethodSource("everyFormat")
  void cutOffAnywhere_isRefused(String name) {
    byte[] file = Fixtures.bytes("pictures/" + name);
    for (double share : new double[] {0.1, 0.5, 0.9}) {
      byte[] half = Arrays.copyOf(file, (int) (share * file.length));
      assertThatThrownBy(() -> reader.read(half, name))
          .as("%s cut at %s", name, share)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(name + " is ")
          .hasMessageContaining("damaged");
    }
  }

  @ParameterizedTest
  @MethodSource("everyFormat")
  void damagedAnywhere_isReadOrRefusedButNothingElse(String name) {
    byte[] file = Fixtures.bytes("pictures/" + name);
    PictureReader small = new PictureReader(1_000_000, true);
    for (int at = 0; at < file.length; at += 1 + file.length / 60) {
      byte[] damaged = file.clone();
      damaged[at] ^= (byte) 0xff;
      try {
        assertThat(small.read(damaged, name).rgb()).isNotEmpty();
      } catch (IllegalArgumentException refused) {
        assertThat(refused).hasMessageStartingWith(name);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyFormat")
  void size_isThatOfTheUprightPicture(String name) {
    byte[] file = Fixtures.bytes("pictures/" + name);
    Picture picture = new PictureReader(1_000_000, true).read(file, name);
    assertThat(reader.size(file, name))
        .isEqualTo(new Dimensions(picture.width(), picture.height()));
  }

  @Test
  void hugeHeader_isRefusedBeforeDecoding() {
    byte[] file = Fixtures.bytes("pictures/rgb.png").clone();
    ByteBuffer.wrap(file).putInt(16, 40000).putInt(20, 40000);
    assertThatThrownBy(() -> reader.read(file, "huge.png"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "huge.png has 40000 x 40000 pixels; at most 100000000 pixels are read: shrink it or"
                + " raise the limit");
    assertThatThrownBy(
            () -> new PictureReader(512, false).read(Fixtures.bytes("pictures/rgb.gif"), "a.gif"))
        .hasMessageContaining("27 x 19 pixels; at most 512 pixels");
    assertThat(new PictureReader(513, false).read(Fixtures.bytes("pictures/rgb.gif"), "a.gif"))
        .isNotNull();
  }

  @Test
  void whatIsNoPicture_isRefusedByName() throws IOException {
    assertRefused("absent.png", "absent.png does not exist");
    Files.createDirectory(folder.resolve("albums"));
    assertRefused("albums", "albums is a directory, not a picture");
    Files.write(folder.resolve("nothing.png"), new byte[0]);
    assertRefused("nothing.png", "nothing.png is empty (0 bytes)");
    Files.writeString(folder.resolve("letter.jpg"), "Dear Sir or Madam");
    assertRefused(
        "letter.jpg",
        "letter.jpg is not a picture; JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC and AVIF pictures can be read");
    byte[] heic = "\0\0\0\u0018ftypheic and so on".getBytes(StandardCharsets.US_ASCII);
    Files.write(folder.resolve("phone.jpg"), heic);
    assertRefused("phone.jpg", "phone.jpg is damaged or cut off: no picture header");
  }

  private void assertRefused(String name, String message) {
    assertThatThrownBy(() -> reader.read(folder.resolve(name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(folder.resolve(message).toString());
  }

  @Test
  void file_isReadByItsContentNotItsName() throws IOException {
    Path file = folder.resolve("really-a-gif.png");
    Files.write(file, Fixtures.bytes("pictures/rgb.gif"));
    assertThat(Fixtures.difference(reader.read(file), Fixtures.picture(EXPECTED.get("rgb.gif"))))
        .isZero();
  }

  @Test
  void javaImageAndBack_keepsEveryPixel() {
    Picture picture = Fixtures.picture(EXPECTED.get("rgb.png"));
    assertThat(Fixtures.difference(Picture.of(picture.toBufferedImage()), picture)).isZero();
  }
}
