package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * HEIC and AVIF files as phones write them ({@code samples/fixtures/phone_heic.py}): tiles in a
 * grid, turned, with EXIF data, thumbnail, gain map, depth map, matte, or HDR.
 */
class PhonePicturesTest {

  /** Lossy coding moves smooth colours by a few levels, those of HDR by more. */
  private static final int LOSSY = 8;

  private static final int STEP = 7;

  /** Colours are smeared around the edges of the blue part. */
  private static final int EDGE = 16;

  private final PictureReader reader = new PictureReader();

  private Picture read(String name) {
    Picture picture = reader.read(Fixtures.bytes("phone/" + name), name);
    assertThat(reader.size(Fixtures.bytes("phone/" + name), name))
        .isEqualTo(Dimensions.of(picture));
    return picture;
  }

  @ParameterizedTest
  @CsvSource({
    "portrait.heic,     1000, 700, 3, false",
    "upside-down.heic,  1000, 700, 2, false",
    "landscape.heic,    1000, 700, 0, false",
    "wide-tables.heic,  1000, 700, 1, false",
    "front-camera.heic,  300, 200, 3, true",
    "hdr-10-bits.heic,   256, 128, 0, false",
    "hdr-12-bits.heic,   256, 128, 0, false",
    "hdr-422.heic,       256, 128, 0, false",
    "hdr-10-bits.avif,   256, 128, 0, false",
    "hdr-12-bits.avif,   256, 128, 0, false",
    "sticker.heic,       200, 160, 0, false"
  })
  void isShownUprightAndWhole(
      String name, int width, int height, int anticlockwise, boolean mirrored) {
    Picture picture = read(name);
    boolean sideways = anticlockwise % 2 != 0;
    assertThat(Dimensions.of(picture))
        .isEqualTo(sideways ? new Dimensions(height, width) : new Dimensions(width, height));
    int worst = 0;
    for (int y = 0; y < height; y += STEP) {
      for (int x = 0; x < width; x += STEP) {
        if (Math.abs(x - width / 2) < EDGE || Math.abs(y - height / 2) < EDGE) {
          continue;
        }
        int[] shown = turned(x, y, width, height, anticlockwise);
        int column = mirrored ? picture.width() - 1 - shown[0] : shown[0];
        worst = Math.max(worst, distance(picture, column, shown[1], scene(x, y, width, height)));
      }
    }
    assertThat(worst).isLessThanOrEqualTo(LOSSY);
  }

  @Test
  void stickerOnWhite_isClearWhereItsTilesOfOpacitySaySo() {
    byte[] file = Fixtures.bytes("phone/sticker.heic");
    Picture picture = reader.withBackground(0xffffff).read(file, "sticker");
    assertThat(distance(picture, 40, 80, new int[] {255, 255, 255})).isLessThanOrEqualTo(LOSSY);
    assertThat(distance(picture, 160, 140, scene(160, 140, 200, 160))).isLessThanOrEqualTo(LOSSY);
  }

  /** Where a pixel lies after turns of a quarter. */
  private static int[] turned(int x, int y, int width, int height, int anticlockwise) {
    return switch (anticlockwise) {
      case 1 -> new int[] {y, width - 1 - x};
      case 2 -> new int[] {width - 1 - x, height - 1 - y};
      case 3 -> new int[] {height - 1 - y, x};
      default -> new int[] {x, y};
    };
  }

  /** Red rises to the right, green to the bottom; the upper left quarter is bluer. */
  private static int[] scene(int x, int y, int width, int height) {
    boolean blue = x < width / 2 && y < height / 2;
    return new int[] {255 * x / (width - 1), 255 * y / (height - 1), blue ? 200 : 40};
  }

  private static int distance(Picture picture, int x, int y, int[] expected) {
    int worst = 0;
    for (int colour = 0; colour < 3; colour++) {
      int value = picture.rgb()[3 * (y * picture.width() + x) + colour] & 0xff;
      worst = Math.max(worst, Math.abs(value - expected[colour]));
    }
    return worst;
  }
}
