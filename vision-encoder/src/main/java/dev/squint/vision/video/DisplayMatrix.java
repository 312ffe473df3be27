package dev.squint.vision.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.IntPointer;

/** How stored frames are turned and mirrored, by the matrix beside them. */
final class DisplayMatrix {

  private static final int NUMBERS = 9;

  private DisplayMatrix() {}

  /** The orientation that a stream declares, 1 to 8 as in EXIF; 1 if it declares none. */
  static int orientation(AVCodecParameters parameters) {
    AVPacketSideData data =
        avcodec.av_packet_side_data_get(
            parameters.coded_side_data(),
            parameters.nb_coded_side_data(),
            AV_PKT_DATA_DISPLAYMATRIX);
    if (data == null || data.isNull() || data.size() < NUMBERS * Integer.BYTES) {
      return 1;
    }
    int[] matrix = new int[NUMBERS];
    new IntPointer(data.data()).get(matrix);
    return orientation(matrix);
  }

  /**
   * The nearest orientation: a pixel (x, y) is shown at (a x + c y, b x + d y).
   *
   * @param matrix {a, b, u, c, d, v, ...}
   */
  static int orientation(int[] matrix) {
    long a = matrix[0];
    long b = matrix[1];
    long c = matrix[3];
    long d = matrix[4];
    if (Math.abs(a) + Math.abs(d) >= Math.abs(b) + Math.abs(c)) {
      if (a >= 0) {
        return d >= 0 ? 1 : 4;
      }
      return d >= 0 ? 2 : 3;
    }
    if (b >= 0) {
      return c >= 0 ? 5 : 6;
    }
    return c >= 0 ? 8 : 7;
  }
}
