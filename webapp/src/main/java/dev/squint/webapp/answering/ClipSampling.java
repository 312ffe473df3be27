package dev.squint.webapp.answering;

import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.http.ApiException;
import org.jspecify.annotations.Nullable;

/** Reads from a request which frames of a clip are used. */
public final class ClipSampling {

  private ClipSampling() {}

  /**
   * Options for the frames of a clip. The default is the whole clip by the model's own rule.
   *
   * @param frames number of frames, evenly spaced
   * @param fps frames per second instead
   * @param from start of the part, in seconds
   * @param to end of the part, in seconds
   * @param param the field of the request that has the values
   * @throws ApiException if a value is out of range
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
      throw ApiException.invalid(param, String.valueOf(e.getMessage()));
    }
  }
}
