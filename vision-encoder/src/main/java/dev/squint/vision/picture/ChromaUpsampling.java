package dev.squint.vision.picture;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Gives every pixel of a still picture colours of its own, as libavif does: between the samples of
 * colour, which lie in the middle of two or four pixels, values are interpolated linearly.
 */
final class ChromaUpsampling {

  /** Sum of the weights of four samples: 9, 3, 3 and 1. */
  private static final int WEIGHTS = 16;

  private ChromaUpsampling() {}

  /**
   * Returns a frame with as many samples of colour as of brightness, which the caller frees; null
   * if the frame has them already, or is of a kind that is left to the converter.
   */
  static @Nullable AVFrame of(AVFrame frame) {
    AVPixFmtDescriptor kind = avutil.av_pix_fmt_desc_get(frame.format());
    int format = kind == null || kind.nb_components() != 3 ? -1 : fullFormat(frame.format());
    if (format < 0) {
      return null;
    }
    AVFrame full = avutil.av_frame_alloc();
    full.format(format).width(frame.width()).height(frame.height());
    avutil.av_frame_copy_props(full, frame);
    if (avutil.av_frame_get_buffer(full, 0) < 0) {
      avutil.av_frame_free(full);
      return null;
    }
    int bytes = kind.comp(0).depth() > 8 ? 2 : 1;
    for (int y = 0; y < frame.height(); y++) {
      Pointer.memcpy(row(full, 0, y), row(frame, 0, y), (long) bytes * frame.width());
    }
    for (int plane = 1; plane <= 2; plane++) {
      new Plane(frame, full, plane, bytes, kind.log2_chroma_w(), kind.log2_chroma_h()).fill();
    }
    return full;
  }

  private static int fullFormat(int format) {
    if (format == avutil.AV_PIX_FMT_YUV420P || format == avutil.AV_PIX_FMT_YUV422P) {
      return avutil.AV_PIX_FMT_YUV444P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ420P || format == avutil.AV_PIX_FMT_YUVJ422P) {
      return avutil.AV_PIX_FMT_YUVJ444P;
    }
    if (format == avutil.AV_PIX_FMT_YUV420P10LE || format == avutil.AV_PIX_FMT_YUV422P10LE) {
      return avutil.AV_PIX_FMT_YUV444P10LE;
    }
    boolean twelve =
        format == avutil.AV_PIX_FMT_YUV420P12LE || format == avutil.AV_PIX_FMT_YUV422P12LE;
    return twelve ? avutil.AV_PIX_FMT_YUV444P12LE : -1;
  }

  private static BytePointer row(AVFrame frame, int plane, int y) {
    return new BytePointer(frame.data(plane)).position((long) y * frame.linesize(plane));
  }

  /**
   * One plane of colours; {@code across} and {@code down} are 1 where it has half of the samples.
   */
  private record Plane(AVFrame from, AVFrame to, int number, int bytes, int across, int down) {

    void fill() {
      int columns = (from.width() + across) >> across;
      int rows = (from.height() + down) >> down;
      int[] near = new int[columns];
      int[] far = new int[columns];
      byte[] line = new byte[bytes * to.width()];
      for (int y = 0; y < to.height(); y++) {
        int own = y >> down;
        int beside = own + (down == 0 ? 0 : (y & 1) == 0 ? -1 : 1);
        read(own, near);
        read(Math.max(0, Math.min(rows - 1, beside)), far);
        for (int x = 0; x < columns; x++) {
          near[x] = 3 * near[x] + far[x];
        }
        for (int x = 0; x < to.width(); x++) {
          int column = x >> across;
          int next = column + (across == 0 ? 0 : (x & 1) == 0 ? -1 : 1);
          // libyuv does not mix the last column, which matters where the width is odd.
          int other = x == to.width() - 1 ? near[column] : near[Math.max(0, next)];
          put(line, x, (3 * near[column] + other + WEIGHTS / 2) / WEIGHTS);
        }
        row(to, number, y).put(line);
      }
    }

    private void read(int y, int[] samples) {
      byte[] line = new byte[bytes * samples.length];
      row(from, number, y).get(line);
      for (int x = 0; x < samples.length; x++) {
        samples[x] =
            bytes == 1 ? line[x] & 0xff : (line[2 * x] & 0xff) | ((line[2 * x + 1] & 0xff) << 8);
      }
    }

    private void put(byte[] line, int x, int sample) {
      line[bytes * x] = (byte) sample;
      if (bytes == 2) {
        line[2 * x + 1] = (byte) (sample >> 8);
      }
    }
  }
}
