package dev.squint.vision.picture;

import dev.squint.vision.io.JavaCppLog;
import dev.squint.vision.onnx.NativeVariables;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/** Decodes with OpenCV, in one call that cannot be stopped. */
final class OpenCvDecoder {

  static {
    JavaCppLog.toSlf4j();
  }

  private OpenCvDecoder() {}

  /**
   * Decodes a picture.
   *
   * @param withAlpha whether transparency is read
   * @return null if it is damaged
   */
  static @Nullable DecodedPixels decode(byte[] encoded, boolean withAlpha) {
    // Damaged files are reported by exception, not by lines on standard error.
    NativeVariables.setDefault("OPENCV_LOG_LEVEL", "SILENT");
    int flags =
        withAlpha
            ? opencv_imgcodecs.IMREAD_UNCHANGED
            : opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
    try (BytePointer bytes = new BytePointer(encoded);
        Mat file = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes);
        Mat image = opencv_imgcodecs.imdecode(file, flags)) {
      int channels = image.empty() ? 0 : image.channels();
      if (image.empty() || image.depth() != opencv_core.CV_8U || channels < 3) {
        return null;
      }
      byte[] samples = new byte[Math.multiplyExact(channels * image.cols(), image.rows())];
      image.data().get(samples);
      if (!withAlpha) {
        return new DecodedPixels(new Picture(image.cols(), image.rows(), samples), null);
      }
      return ofBlueGreenRed(image, samples, channels);
    } catch (RuntimeException e) {
      // OpenCV's own errors are exceptions of JavaCPP.
      return null;
    }
  }

  private static DecodedPixels ofBlueGreenRed(Mat image, byte[] samples, int channels) {
    int pixels = image.cols() * image.rows();
    byte[] rgb = new byte[Picture.arrayLength(image.cols(), image.rows())];
    byte[] alpha = channels == 4 ? new byte[pixels] : null;
    for (int pixel = 0; pixel < pixels; pixel++) {
      rgb[3 * pixel] = samples[channels * pixel + 2];
      rgb[3 * pixel + 1] = samples[channels * pixel + 1];
      rgb[3 * pixel + 2] = samples[channels * pixel];
      if (alpha != null) {
        alpha[pixel] = samples[channels * pixel + 3];
      }
    }
    return new DecodedPixels(new Picture(image.cols(), image.rows(), rgb), alpha);
  }
}
