package dev.squint.vision.video;

import dev.squint.vision.onnx.NativeVariables;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;

/**
 * A WebP animation, which FFmpeg 8.0 does not read; OpenCV decodes all of its frames at once, so
 * that they are bounded together.
 */
final class WebPAnimation implements Video {

  private static final int HEADER_BYTES = 12;
  private static final int CHUNK_BYTES = 8;

  /** Four bytes each: 256 MB. */
  private static final long MAX_PIXELS_TOGETHER = 64_000_000;

  private final String name;
  private final byte[] encoded;
  private final VideoHeader header;
  private final double[] starts;

  private WebPAnimation(String name, byte[] encoded, VideoHeader header, double[] starts) {
    this.name = name;
    this.encoded = encoded;
    this.header = header;
    this.starts = starts;
  }

  static boolean isWebP(byte[] start) {
    return VideoSignature.at(start, 0, "RIFF") && VideoSignature.at(start, 8, "WEBP");
  }

  static WebPAnimation open(Path file, String name, Consumer<VideoHeader> check) {
    byte[] encoded;
    try {
      if (Files.size(file) > MAX_PIXELS_TOGETHER) {
        throw new IllegalArgumentException(
            "%s has %d bytes; a WebP animation may have %d"
                .formatted(name, Files.size(file), MAX_PIXELS_TOGETHER));
      }
      encoded = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
    ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    int width = 0;
    int height = 0;
    List<Double> starts = new ArrayList<>();
    double end = 0;
    long at = HEADER_BYTES;
    while (at + CHUNK_BYTES <= encoded.length) {
      int chunk = (int) at;
      long length = bytes.getInt(chunk + 4) & 0xffffffffL;
      int body = chunk + CHUNK_BYTES;
      if (VideoSignature.at(encoded, chunk, "VP8X") && body + 10 <= encoded.length) {
        width = 1 + unsigned24(bytes, body + 4);
        height = 1 + unsigned24(bytes, body + 7);
      } else if (VideoSignature.at(encoded, chunk, "ANMF") && body + 16 <= encoded.length) {
        starts.add(end);
        end += Math.max(1, unsigned24(bytes, body + 12)) / 1000.0;
      }
      at = body + length + length % 2;
    }
    if (starts.isEmpty() || width == 0) {
      throw new IllegalArgumentException(
          name + " is a still picture, or damaged: it has no frames; ask about it as a picture");
    }
    VideoHeader header =
        new VideoHeader(
            "webp",
            "webp",
            new Dimensions(width, height),
            0,
            end,
            starts.size() / end,
            starts.size());
    check.accept(header);
    if ((long) width * height * starts.size() > MAX_PIXELS_TOGETHER) {
      throw new IllegalArgumentException(
          "%s has %d frames of %d x %d pixels; of a WebP animation at most %d pixels are read; convert it to webm or mp4"
              .formatted(name, starts.size(), width, height, MAX_PIXELS_TOGETHER));
    }
    return new WebPAnimation(
        name, encoded, header, starts.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static int unsigned24(ByteBuffer bytes, int at) {
    return (bytes.getShort(at) & 0xffff) | ((bytes.get(at + 2) & 0xff) << 16);
  }

  @Override
  public VideoHeader header() {
    return header;
  }

  @Override
  public void frames(double[] seconds, Consumer<VideoFrame> sink, BooleanSupplier cancelled) {
    // Damaged files are reported by exception, not by lines on standard error.
    NativeVariables.setDefault("OPENCV_LOG_LEVEL", "SILENT");
    try (BytePointer bytes = new BytePointer(encoded);
        Mat file = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes);
        MatVector frames = new MatVector()) {
      boolean decoded = opencv_imgcodecs.imdecodemulti(file, opencv_imgcodecs.IMREAD_COLOR, frames);
      if (!decoded || frames.size() < starts.length) {
        throw new IllegalArgumentException(
            "%s is damaged or cut off: %d of its %d frames can be decoded"
                .formatted(name, decoded ? frames.size() : 0, starts.length));
      }
      for (double time : seconds) {
        if (cancelled.getAsBoolean()) {
          return;
        }
        sink.accept(new VideoFrame(time, picture(frames.get(shownAt(time)))));
      }
    }
  }

  private int shownAt(double time) {
    int shown = 0;
    while (shown + 1 < starts.length && starts[shown + 1] <= time + 1e-3) {
      shown++;
    }
    return shown;
  }

  private Picture picture(Mat bgr) {
    byte[] rgb = new byte[3 * bgr.cols() * bgr.rows()];
    bgr.data().get(rgb);
    for (int i = 0; i < rgb.length; i += 3) {
      byte blue = rgb[i];
      rgb[i] = rgb[i + 2];
      rgb[i + 2] = blue;
    }
    return new Picture(bgr.cols(), bgr.rows(), rgb);
  }

  @Override
  public void close() {
    // Nothing is held outside of the heap.
  }
}
