package dev.squint.vision.picture;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** Converts FFmpeg's decoded frames to RGB, by the colours that the frames declare. */
public final class FrameConverter implements AutoCloseable {

  private static final int ONE = 1 << 16;

  private final String name;
  private final long maxPixels;
  private @Nullable SwsContext context;

  /**
   * Makes a converter.
   *
   * @param name what error messages call the file
   * @param maxPixels refuses frames with more pixels
   */
  public FrameConverter(String name, long maxPixels) {
    this.name = name;
    this.maxPixels = maxPixels;
  }

  /**
   * Converts a frame, [height, width, 3].
   *
   * @param shownWidth width of the result, for pixels that are not square
   * @throws IllegalArgumentException if the frame has too many pixels or its pixel format is
   *     unknown
   */
  public Picture picture(AVFrame frame, int shownWidth) {
    int width = frame.width();
    int height = frame.height();
    // Frames can grow within one file.
    if (width < 1 || height < 1 || (long) Math.max(width, shownWidth) * height > maxPixels) {
      throw new IllegalArgumentException(
          "%s has a frame of %d x %d pixels; at most %d pixels are read"
              .formatted(name, Math.max(width, shownWidth), height, maxPixels));
    }
    SwsContext converting =
        swscale.sws_getCachedContext(
            context,
            width,
            height,
            frame.format(),
            shownWidth,
            height,
            avutil.AV_PIX_FMT_RGB24,
            swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND,
            null,
            null,
            (DoublePointer) null);
    if (converting == null || converting.isNull()) {
      throw new IllegalArgumentException(name + " has frames in colours that cannot be shown");
    }
    context = converting;
    boolean fullRange = frame.color_range() == avutil.AVCOL_RANGE_JPEG;
    IntPointer colours = swscale.sws_getCoefficients(frame.colorspace());
    swscale.sws_setColorspaceDetails(
        converting,
        colours,
        fullRange ? 1 : 0,
        swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT),
        1,
        0,
        ONE,
        ONE);
    return scaled(converting, frame, shownWidth);
  }

  private static Picture scaled(SwsContext converting, AVFrame frame, int width) {
    int height = frame.height();
    // Rows are padded, because the converter writes in blocks.
    int stride = (3 * width + 63) / 64 * 64;
    try (BytePointer rows = new BytePointer((long) stride * height + 64);
        PointerPointer<BytePointer> planes = new PointerPointer<>(4);
        IntPointer strides = new IntPointer(stride, 0, 0, 0)) {
      planes.put(0, rows);
      swscale.sws_scale(converting, frame.data(), frame.linesize(), 0, height, planes, strides);
      byte[] rgb = new byte[Picture.arrayLength(width, height)];
      for (int y = 0; y < height; y++) {
        rows.position((long) y * stride).get(rgb, 3 * width * y, 3 * width);
      }
      rows.position(0);
      return new Picture(width, height, rgb);
    }
  }

  @Override
  public void close() {
    if (context != null) {
      swscale.sws_freeContext(context);
      context = null;
    }
  }
}
