package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squint.vision.Fixtures;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures that were once read wrongly, or not at all. */
class CasePicturesTest {

  /** Lossy coding moves colours by a few levels. */
  private static final int LOSSY = 10;

  private final PictureReader reader = new PictureReader();

  private Picture read(String name) {
    return reader.read(Fixtures.bytes("cases/" + name), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.avif", "mif1.heic"})
  void avif_isReadWhateverItsNameAndBrands(String name) {
    Picture picture = read(name);
    assertThat(Dimensions.of(picture)).isEqualTo(new Dimensions(96, 96));
    // Pillow 12.3 at (10, 10).
    int[] expected = {212, 191, 208};
    for (int colour = 0; colour < 3; colour++) {
      assertThat(picture.rgb()[3 * (10 * 96 + 10) + colour] & 0xff)
          .isCloseTo(expected[colour], within(2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"quad.heic", "m_grid.avif.heif"})
  void heicAndGrids_areReadWhole(String name) {
    Picture picture = read(name);
    assertThat(reader.size(Fixtures.bytes("cases/" + name), name))
        .isEqualTo(new Dimensions(256, 256))
        .isEqualTo(Dimensions.of(picture));
    int[][] corners = {{64, 64}, {192, 64}, {64, 192}, {192, 192}};
    Picture expected = read("quad.png");
    for (int[] corner : corners) {
      assertThat(distance(picture, expected, corner[0], corner[1]))
          .as("%s at %d, %d", name, corner[0], corner[1])
          .isLessThanOrEqualTo(LOSSY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.avif", "quad.heic"})
  void heicAndAvifThatAreCutOff_areRefused(String name) {
    byte[] file = Fixtures.bytes("cases/" + name);
    for (double share : new double[] {0.1, 0.5, 0.9}) {
      byte[] cut = Arrays.copyOf(file, (int) (share * file.length));
      assertThatThrownBy(() -> reader.read(cut, name))
          .as("%s cut at %s", name, share)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(name + " is ")
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void animationsAreRefused_stillOnesAreRead() {
    for (String name : new String[] {"noloop.gif", "icc_big.png"}) {
      assertThatThrownBy(() -> read(name)).hasMessageContaining("has several frames or pages");
    }
    assertThat(read("still_netscape.gif").width()).isEqualTo(96);
  }

  @Test
  void orientationInXmpAlone_turnsThePicture() {
    byte[] file = Fixtures.bytes("cases/xmp6.jpg");
    Picture turned = read("xmp6.jpg");
    byte[] unmarked =
        new String(file, StandardCharsets.ISO_8859_1)
            .replace("ns.adobe.com/xap", "ns.adobe.com/xxx")
            .getBytes(StandardCharsets.ISO_8859_1);
    Picture stored = reader.read(unmarked, "stored");
    assertThat(Fixtures.difference(stored.upright(6), turned)).isZero();
    assertThat(Fixtures.difference(stored, turned)).isPositive();
  }

  @Test
  void cmykTiff_hasPillowsColours() {
    Picture picture = read("tiff_cmyk.tif");
    // Pillow 12.3: convert("RGB").
    assertThat(picture.rgb()[0] & 0xff).isEqualTo(213);
    assertThat(picture.rgb()[1] & 0xff).isEqualTo(190);
    assertThat(picture.rgb()[2] & 0xff).isEqualTo(209);
  }

  @Test
  void jpegWithoutItsEndMarker_isRefused() {
    assertThatThrownBy(() -> read("trunc_eoi.jpg"))
        .hasMessageStartingWith("trunc_eoi.jpg is damaged, cut off");
  }

  @Test
  void blackInkOnClearGround_needsABackground() {
    Picture black = read("transparent_ink.png");
    assertThat(black.rgb()).containsOnly(0);
    Picture white =
        reader.withBackground(0xffffff).read(Fixtures.bytes("cases/transparent_ink.png"), "ink");
    assertThat(white.rgb()).contains((byte) 0, (byte) 0xff);
  }

  private static int distance(Picture one, Picture other, int x, int y) {
    int at = 3 * (y * one.width() + x);
    int most = 0;
    for (int colour = 0; colour < 3; colour++) {
      most =
          Math.max(
              most, Math.abs((one.rgb()[at + colour] & 0xff) - (other.rgb()[at + colour] & 0xff)));
    }
    return most;
  }
}
