package dev.squint.vision.video;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.format.MediaEnd;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.picture.Dimensions;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;

/** Makes the header of a video from its container and the time stamps of its packets. */
final class StreamFacts {

  private static final double DEFAULT_RATE = 25;

  /** A rate that the file declares counts if the stamps agree this well. */
  private static final double SAME_RATE = 0.005;

  /** As many missing frames get a time of their own; of more, every second, third and so on. */
  private static final int MAX_MISSING = 100_000;

  /** What the structure of a file says about its end. */
  enum End {
    WHOLE,
    CUT_OFF,
    UNKNOWN;

    static End of(ByteSource bytes, FileFormat format) {
      return MediaEnd.isCutOff(bytes, format)
          ? CUT_OFF
          : MediaEnd.isWhole(bytes, format) ? WHOLE : UNKNOWN;
    }
  }

  private StreamFacts() {}

  /**
   * Makes a header.
   *
   * @param end whether the file is shorter than its structure says; then its declared length
   *     counts, so that missing frames are reported
   */
  static VideoHeader header(MediaFile file, PacketScan scan, End end, String name) {
    AVStream stream = file.stream();
    int width = stream.codecpar().width();
    int height = stream.codecpar().height();
    if (scan.packets() == 0 && end == End.WHOLE) {
      throw UnreadableFileException.empty(
          name + " has no frame in it: its track of pictures is empty; record or convert it again");
    }
    if (width < 1 || height < 1 || scan.packets() == 0) {
      throw UnreadableFileException.damaged(
          name + " has no frame that can be decoded: it is damaged or cut off");
    }
    double declared = declaredRate(stream);
    double[] starts = starts(file, scan, declared);
    double measured =
        starts.length > 1 ? (starts.length - 1) / starts[starts.length - 1] : declared;
    double rate = Math.abs(declared / measured - 1) < SAME_RATE ? declared : measured;
    double seconds = scan.stamped() ? (scan.end() - scan.starts()[0]) * file.tick() : 0;
    seconds = Math.max(seconds, starts[starts.length - 1]);
    // Some files give no length to their last frame.
    if (seconds <= starts[starts.length - 1]) {
      seconds += 1 / rate;
    }
    if (end == End.CUT_OFF && file.declaredSeconds() > seconds) {
      seconds = file.declaredSeconds();
      starts = continued(starts, seconds, rate);
    }
    int orientation = DisplayMatrix.orientation(stream.codecpar());
    Dimensions stored = new Dimensions(shownWidth(file, width, height), height);
    return new VideoHeader(
        file.container().iformat().name().getString(),
        file.codec(),
        orientation >= 5 ? stored.exchanged() : stored,
        orientation,
        seconds,
        rate,
        FrameTimes.of(starts, scan.stamped() ? file.tick() : 0));
  }

  private static double[] starts(MediaFile file, PacketScan scan, double rate) {
    if (!scan.stamped()) {
      double[] even = new double[scan.packets()];
      Arrays.setAll(even, frame -> frame / rate);
      return even;
    }
    long first = scan.starts()[0];
    return Arrays.stream(scan.starts())
        .mapToDouble(stamp -> (stamp - first) * file.tick())
        .toArray();
  }

  /** The times of the frames that should follow. */
  private static double[] continued(double[] starts, double seconds, double rate) {
    double last = starts[starts.length - 1];
    double missing = Math.floor((seconds - last) * rate - 0.5);
    // A few bytes can promise years.
    double every = Math.max(1, Math.ceil(missing / MAX_MISSING));
    double[] all = Arrays.copyOf(starts, starts.length + (int) Math.max(0, missing / every));
    for (int i = starts.length; i < all.length; i++) {
      all[i] = last + (i - starts.length + 1) * every / rate;
    }
    return all;
  }

  private static double declaredRate(AVStream stream) {
    for (AVRational rate : new AVRational[] {stream.avg_frame_rate(), stream.r_frame_rate()}) {
      if (rate.num() > 0 && rate.den() > 0) {
        return avutil.av_q2d(rate);
      }
    }
    return DEFAULT_RATE;
  }

  /** Width in square pixels; a ratio that makes no sense is ignored. */
  static int shownWidth(MediaFile file, int width, int height) {
    AVRational ratio =
        avformat.av_guess_sample_aspect_ratio(file.container(), file.stream(), new AVFrame(null));
    if (ratio.num() < 1 || ratio.den() < 1 || ratio.num() == ratio.den()) {
      return width;
    }
    double shown = (double) width * ratio.num() / ratio.den();
    boolean sensible = shown >= 1 && shown <= 100.0 * height && shown >= height / 100.0;
    return sensible ? (int) Math.max(1, Math.round(shown)) : width;
  }
}
