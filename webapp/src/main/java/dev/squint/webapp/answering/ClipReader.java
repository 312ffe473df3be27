package dev.squint.webapp.answering;

import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoHeader;
import dev.squint.vision.video.VideoReader;
import dev.squint.webapp.ServerSettings.Limits;
import dev.squint.webapp.answering.Turn.Part.ClipFile;
import dev.squint.webapp.answering.Turn.Part.FrameFiles;
import dev.squint.webapp.answering.Turn.Part.Media;
import dev.squint.webapp.http.ApiException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Reads the clips of one question. A clip beyond a limit is refused by its header, before a frame
 * is decoded. The instance is for one question, because its clips share the limit of frames.
 */
final class ClipReader {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Limits limits;
  private final FrameRule rule;
  private final PictureReader pictures;
  private final ClipCache cache;
  private final BooleanSupplier cancelled;
  private int frames;
  private long pixels;

  ClipReader(
      Limits limits,
      FrameRule rule,
      PictureReader pictures,
      ClipCache cache,
      BooleanSupplier cancelled) {
    this.limits = limits;
    this.rule = rule;
    this.pictures = pictures;
    this.cache = cache;
    this.cancelled = cancelled;
  }

  /**
   * Reads the chosen frames.
   *
   * @throws ApiException if the file is not a clip, is damaged or exceeds a limit
   * @throws IllegalArgumentException if reading was cancelled before the first frame
   */
  Clip read(ClipFile file) {
    Clip known = cache.get(file);
    if (known != null) {
      count(known.frames().size(), pixels(known), file);
      return known;
    }
    ClipOptions wanted = file.wanted().cancelledBy(cancelled);
    try (Video video = open(file)) {
      int chosen = chosen(video.header(), file, wanted);
      count(chosen, chosen * Clip.framePixels(video.header(), rule), file);
      Clip clip = decode(video, file, wanted);
      if (!cancelled.getAsBoolean()) {
        cache.put(file, clip);
      }
      return clip;
    }
  }

  private static long pixels(Clip clip) {
    return clip.pictures().stream()
        .mapToLong(picture -> (long) picture.width() * picture.height())
        .sum();
  }

  /** Reads a clip that was sent as its frames; all of them are used. */
  Clip read(FrameFiles files) {
    // Their pixels were counted by the headers of the pictures.
    count(files.frames().size(), 0, files);
    return Clip.of(
            files.frames().stream().map(frame -> ConversationReader.read(frame, pictures)).toList(),
            files.perSecond())
        .asRead(rule);
  }

  private Video open(ClipFile file) {
    double most = seconds(limits.clips().length());
    try {
      return new VideoReader(most, limits.clips().pixels())
          .withBudget(pictures.budget())
          .open(file.encoded(), file.name(), header -> check(header, file));
    } catch (IllegalArgumentException e) {
      throw MediaErrors.of(e, "clip", file);
    }
  }

  private void check(VideoHeader header, ClipFile file) {
    String name = file.name();
    if ((long) header.width() * header.height() > limits.clips().pixels()) {
      throw ApiException.tooLarge(
          "clip_frames_too_large",
          file.param(),
          "%s has frames of %d x %d pixels; a frame may have %d pixels: shrink the clip"
              .formatted(name, header.width(), header.height(), limits.clips().pixels()));
    }
    if (header.seconds() > seconds(limits.clips().length())) {
      throw ApiException.tooLarge(
          "clip_too_long",
          file.param(),
          "%s is %.0f seconds long; a clip may have %.0f seconds: shorten it"
              .formatted(name, header.seconds(), seconds(limits.clips().length())));
    }
    if (header.frames() > limits.clips().fileFrames()) {
      throw ApiException.tooLarge(
          "clip_has_too_many_frames",
          file.param(),
          "%s has %d frames; the file of a clip may have %d: shorten it, or reduce its frame rate"
              .formatted(name, header.frames(), limits.clips().fileFrames()));
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / NANOS_PER_SECOND;
  }

  private int chosen(VideoHeader header, ClipFile file, ClipOptions wanted) {
    try {
      return Clip.times(header, rule, wanted).length;
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(file.param(), file.name() + ": " + e.getMessage());
    }
  }

  /** Counts frames before any of them is decoded. */
  private void count(int chosen, long theirPixels, Media clip) {
    String name = clip.name();
    frames += chosen;
    if (frames > limits.clips().frames()) {
      throw ApiException.tooLarge(
          "too_many_frames",
          clip.param(),
          "the clips up to %2$s need %1$d frames; a request may use %3$d: ask for fewer with 'frames', or choose a shorter part with 'from' and 'to'"
              .formatted(frames, name, limits.clips().frames()));
    }
    pixels += theirPixels;
    if (pixels > limits.pixels()) {
      throw ApiException.tooLarge(
          "too_many_frames",
          clip.param(),
          "the frames up to %s have %d pixels; the frames of a request may have %d: ask for fewer frames, or shrink the clip"
              .formatted(name, pixels, limits.pixels()));
    }
  }

  private Clip decode(Video video, ClipFile file, ClipOptions wanted) {
    try {
      return Clip.read(video, rule, wanted);
    } catch (IllegalArgumentException e) {
      if (cancelled.getAsBoolean()) {
        throw e;
      }
      throw MediaErrors.of(e, "clip", file);
    }
  }
}
