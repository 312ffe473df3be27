package dev.squint.vision.video;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.format.WebpStructure;
import dev.squint.vision.io.JavaCppLog;
import dev.squint.vision.onnx.NativeVariables;
import dev.squint.vision.picture.CallTime;
import dev.squint.vision.picture.DecodeBudget;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * A WebP animation, which FFmpeg 8 does not read; OpenCV decodes all frames in one call, so the
 * limit is on all of them together.
 */
final class WebPAnimation implements Video {

  /** Four bytes each: 256 MB. */
  private static final long MAX_PIXELS_TOGETHER = 64_000_000;

  private static final double TICK = 0.001;

  static {
    JavaCppLog.toSlf4j();
  }

  private final String name;
  private final byte[] encoded;
  private final VideoHeader header;
  private final DecodeBudget budget;

  private WebPAnimation(String name, byte[] encoded, VideoHeader header, DecodeBudget budget) {
    this.name = name;
    this.encoded = encoded;
    this.header = header;
    this.budget = budget;
  }

  static WebPAnimation open(
      Path file, String name, Consumer<VideoHeader> check, DecodeBudget budget) {
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
    WebpStructure webp = WebpStructure.of(ByteSource.of(encoded));
    int width = webp.width();
    int height = webp.height();
    List<Double> starts = new ArrayList<>();
    double end = 0;
    for (WebpStructure.Frame frame : webp.frames()) {
      starts.add(end);
      end += Math.max(1, frame.millis()) / 1000.0;
    }
    if (starts.isEmpty() || width == 0) {
      throw UnreadableFileException.damaged(
          name + " is damaged or cut off: it has no frame with a size");
    }
    VideoHeader header =
        new VideoHeader(
            "webp",
            "webp",
            new Dimensions(width, height),
            1,
            end,
            starts.size() / end,
            FrameTimes.of(starts.stream().mapToDouble(Double::doubleValue).toArray(), TICK));
    check.accept(header);
    if (webp.pixels() > 2 * MAX_PIXELS_TOGETHER
        || (long) width * height * starts.size() > MAX_PIXELS_TOGETHER) {
      throw new IllegalArgumentException(
          "%s has %d frames of %d x %d pixels; of a WebP animation at most %d pixels are read; convert it to webm or mp4"
              .formatted(name, starts.size(), width, height, MAX_PIXELS_TOGETHER));
    }
    DecodeBudget.checkOneCall(
        CallTime.webp(webp.pixels(), encoded.length),
        name,
        "%d pixels in all frames and %d bytes".formatted(webp.pixels(), encoded.length));
    return new WebPAnimation(name, encoded, header, budget);
  }

  @Override
  public VideoHeader header() {
    return header;
  }

  @Override
  public void frames(double[] seconds, Consumer<VideoFrame> sink, BooleanSupplier cancelled) {
    budget.checkCancelled(name);
    // Damaged files are reported by exception, not by lines on standard error.
    NativeVariables.setDefault("OPENCV_LOG_LEVEL", "SILENT");
    try (BytePointer bytes = new BytePointer(encoded);
        Mat file = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes);
        MatVector frames = new MatVector()) {
      boolean decoded = opencv_imgcodecs.imdecodemulti(file, opencv_imgcodecs.IMREAD_COLOR, frames);
      int expected = header.frames();
      if (!decoded || frames.size() < expected) {
        throw UnreadableFileException.damaged(
            "%s is damaged or cut off: %d of its %d frames can be decoded"
                .formatted(name, decoded ? frames.size() : 0, expected));
      }
      for (double time : seconds) {
        budget.checkCancelled(name);
        if (cancelled.getAsBoolean()) {
          return;
        }
        sink.accept(new VideoFrame(time, picture(frames.get(header.times().shownAt(time)))));
      }
    }
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
    // There is no native memory to free.
  }
}
