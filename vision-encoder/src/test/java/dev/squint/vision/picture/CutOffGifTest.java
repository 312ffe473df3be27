package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GIF files whose codes end before the last pixel. */
class CutOffGifTest {

  private static final int WIDTH = 10;
  private static final int HEIGHT = 8;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 60, 79})
  void codesThatEndEarly_areRefused(int pixels) {
    assertThatThrownBy(() -> new PictureReader().read(gif(pixels), "a.gif"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a.gif is damaged, cut off");
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 90})
  void codesOfAllPixels_areRead(int pixels) {
    Picture picture = new PictureReader().read(gif(pixels), "a.gif");

    assertThat(picture.width()).isEqualTo(WIDTH);
    assertThat(picture.height()).isEqualTo(HEIGHT);
    assertThat(picture.rgb()[0]).isEqualTo((byte) 3);
  }

  /** Noise fills the table of codes and clears it; stripes make codes of themselves. */
  @Test
  void filesOfAnEncoder_areRead() throws IOException {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    for (int noise : new int[] {1, 2, 16, 256}) {
      BufferedImage image = new BufferedImage(300, 211, BufferedImage.TYPE_BYTE_INDEXED);
      for (int y = 0; y < image.getHeight(); y++) {
        for (int x = 0; x < image.getWidth(); x++) {
          image.getRaster().setSample(x, y, 0, random.nextInt(noise));
        }
      }
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      ImageIO.write(image, "gif", file);
      assertThat(new PictureReader().read(file.toByteArray(), "a.gif").height()).isEqualTo(211);
    }
  }

  /** Codes of 8 bits, since the table does not grow to 256 entries: clear, the pixels, end. */
  private static byte[] gif(int pixels) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
    file.writeBytes(new byte[] {WIDTH, 0, HEIGHT, 0, (byte) 0xf6, 0, 0});
    for (int colour = 0; colour < 128; colour++) {
      file.writeBytes(new byte[] {(byte) colour, 0, 0});
    }
    file.writeBytes(new byte[] {0x2c, 0, 0, 0, 0, WIDTH, 0, HEIGHT, 0, 0, 7});
    file.write(pixels + 2);
    file.write(0x80);
    for (int i = 0; i < pixels; i++) {
      file.write(3);
    }
    file.write(0x81);
    file.writeBytes(new byte[] {0, 0x3b});
    return file.toByteArray();
  }
}
