package dev.squint.webapp.answering;

import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.http.Refusal;
import org.jspecify.annotations.Nullable;

/** Which part of a clip is looked at and how closely, as requests write it. */
public final class ClipSampling {

  private ClipSampling() {}

  /**
   * The whole clip by the model's own rule, unless something else is given.
   *
   * @param frames number of frames, evenly spaced
   * @param fps how many frames a second instead
   * @param from where the part begins, in seconds
   * @param to where it ends, in seconds
   * @param param what in the request holds the values
   * @throws Refusal if they make no sense
   */
  public static ClipOptions of(
      @Nullable Integer frames,
      @Nullable Double fps,
      @Nullable Double from,
      @Nullable Double to,
      @Nullable String param) {
    try {
      ClipOptions options =
          ClipOptions.DEFAULT.between(
              from == null ? 0 : from, to == null ? Double.POSITIVE_INFINITY : to);
      options = frames == null ? options : options.withFrames(frames);
      return fps == null ? options : options.withFramesPerSecond(fps);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid(param, String.valueOf(e.getMessage()));
    }
  }
}
