package dev.squint.vision.tile;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.picture.Picture;
import java.nio.ByteBuffer;

/**
 * Converts bytes to the floats that an encoder takes, with a table of 256 values for each colour:
 * rescale, then subtract the mean and divide by the deviation, with NumPy's precision for each
 * step.
 */
public final class PixelScaling {

  private final float[][] table;
  private final byte[] hashOfTable;

  private PixelScaling(float[][] table) {
    this.table = table;
    ByteBuffer bytes = ByteBuffer.allocate(3 * 256 * Float.BYTES);
    for (float[] values : table) {
      bytes.asFloatBuffer().put(values);
      bytes.position(bytes.position() + 256 * Float.BYTES);
    }
    this.hashOfTable = new ContentHash().with(bytes.flip()).bytes();
  }

  /**
   * Makes the table.
   *
   * @param factor what bytes are multiplied by
   * @param mean [3], subtracted after that
   * @param deviation [3], the divisor in the last step
   */
  public static PixelScaling of(double factor, double[] mean, double[] deviation) {
    float[][] table = new float[3][256];
    for (int channel = 0; channel < 3; channel++) {
      for (int value = 0; value < 256; value++) {
        float rescaled = (float) (value * factor);
        table[channel][value] = (rescaled - (float) mean[channel]) / (float) deviation[channel];
      }
    }
    return new PixelScaling(table);
  }

  /**
   * The hash of what determines the floats of a picture: its bytes, a quarter of the floats', and
   * the table. Pictures with the same hash have the same floats.
   */
  String content(Picture picture) {
    return new ContentHash()
        .with("%d %d;".formatted(picture.width(), picture.height()))
        .with(hashOfTable)
        .with(picture.rgb())
        .hex();
  }

  /** Writes one picture, [3, H, W], starting at an index. */
  void write(Picture picture, float[] planes) {
    byte[] rgb = picture.rgb();
    int pixels = picture.width() * picture.height();
    for (int channel = 0; channel < 3; channel++) {
      float[] values = table[channel];
      int to = channel * pixels;
      for (int from = channel; from < rgb.length; from += 3) {
        planes[to++] = values[rgb[from] & 0xff];
      }
    }
  }
}
