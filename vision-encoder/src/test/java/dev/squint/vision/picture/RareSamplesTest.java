package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.format.UnreadableFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures of one pixel with samples of rare kinds; the values are those of Pillow 12.3. */
class RareSamplesTest {

  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final PictureReader reader = new PictureReader();

  @Test
  void bitmapsOf16Bits_areStretchedAsByPillow() {
    ByteBuffer bmp = ByteBuffer.allocate(58).order(ByteOrder.LITTLE_ENDIAN);
    bmp.put("BM".getBytes(StandardCharsets.US_ASCII)).putInt(2, 58).putInt(10, 54).putInt(14, 40);
    bmp.putInt(18, 1).putInt(22, 1).putShort(26, (short) 1).putShort(28, (short) 16);
    bmp.putShort(54, (short) (31 << 10 | 16 << 5 | 1));
    assertThat(reader.read(bmp.array(), "a.bmp").rgb())
        .containsExactly((byte) 255, (byte) 131, (byte) 8);
  }

  @Test
  void coloursThatWereMultipliedByTheirOpacity_areDividedByIt() {
    byte[] file = tiff(2, 4, 8, 1, 1, new int[] {338, SHORT, 1}, 100, 50, 0, 128);
    assertThat(reader.read(file, "a.tif").rgb()).containsExactly((byte) 199, (byte) 99, (byte) 0);
    byte[] apart = tiff(2, 4, 8, 1, 1, new int[] {338, SHORT, 2}, 100, 50, 0, 128);
    assertThat(reader.read(apart, "a.tif").rgb()).containsExactly((byte) 100, (byte) 50, (byte) 0);
  }

  @ParameterizedTest
  @CsvSource({
    "8, 3, 8, 1, 1, L*a*b* colours",
    "2, 3, 8, 2, 1, signed samples",
    "2, 5, 8, 1, 1, 5 samples a pixel",
    "1, 1, 32, 1, 1, samples of 32 bits",
    "2, 3, 16, 1, 2, differences of samples of 16 bits",
    "1, 1, 32, 5, 1, complex samples",
    "2, 3, 64, 3, 1, float samples of 64 bits",
    "2, 3, 16, 3, 1, float samples of 16 bits",
    "3, 2, 8, 1, 1, a palette and opacity",
    "5, 4, 16, 1, 1, CMYK samples of 16 bits"
  })
  void othersAreRefusedByName(
      int colours, int samples, int bits, int format, int predictor, String said) {
    byte[] file = tiff(colours, samples, bits, format, predictor, new int[0], new int[16]);
    assertThatThrownBy(() -> reader.read(file, "a.tif"))
        .isInstanceOf(IllegalArgumentException.class)
        .isNotInstanceOf(UnreadableFileException.class)
        .hasMessage(
            "a.tif is a TIFF file with %s, which is not read; save it with samples of 8 bits as TIFF or PNG",
            said);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 5, 4, JPEG data of 4 samples a pixel",
    "7, 2, 4, JPEG data of 4 samples a pixel",
    "7, 1, 2, JPEG data of 2 samples a pixel",
    "50000, 2, 3, compression 50000 (Zstandard)",
    "34925, 2, 3, compression 34925 (LZMA)",
    "34661, 2, 3, compression 34661 (unknown)"
  })
  void otherCodingsAreRefusedByName(int compression, int colours, int samples, String said) {
    byte[] file = tiff(colours, samples, 8, 1, 1, new int[0], new int[16]);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putShort(54, (short) compression);
    assertThatThrownBy(() -> reader.read(file, "a.tif"))
        .isInstanceOf(IllegalArgumentException.class)
        .isNotInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("a.tif is a TIFF file with %s, which is not read", said);
  }

  /** One pixel; bits per sample stand behind the directory, then the samples. */
  private static byte[] tiff(
      int colours, int samples, int bits, int format, int predictor, int[] more, int... data) {
    ByteBuffer tiff = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8);
    int[][] entries = {
      {256, LONG, 1},
      {257, LONG, 1},
      {258, SHORT, bits},
      {259, SHORT, 1},
      {262, SHORT, colours},
      {273, LONG, 250},
      {277, SHORT, samples},
      {278, LONG, 1},
      {279, LONG, data.length},
      {317, SHORT, predictor},
      more,
      {339, SHORT, format}
    };
    int count = more.length == 0 ? entries.length - 1 : entries.length;
    tiff.putShort((short) count);
    for (int[] entry : entries) {
      if (entry.length == 0) {
        continue;
      }
      boolean each = (entry[0] == 258 || entry[0] == 339) && samples > 1;
      int at = entry[0] == 258 ? 200 : 220;
      tiff.putShort((short) entry[0]).putShort((short) entry[1]).putInt(each ? samples : 1);
      tiff.putInt(each && samples > 2 ? at : entry[2]);
      for (int i = 0; each && i < samples; i++) {
        tiff.putShort(at + 2 * i, (short) entry[2]);
      }
    }
    for (int i = 0; i < data.length; i++) {
      tiff.put(250 + i, (byte) data[i]);
    }
    return tiff.array();
  }
}
