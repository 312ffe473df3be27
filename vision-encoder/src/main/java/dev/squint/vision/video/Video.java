package dev.squint.vision.video;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** An open video file or animation. For one thread. */
public sealed interface Video extends AutoCloseable permits StreamedVideo, WebPAnimation {

  /** What the file says about itself. */
  VideoHeader header();

  /**
   * Decodes the frames that are shown at these times, one after the other; none is kept.
   *
   * @param seconds when, ascending, from the first frame
   * @param sink is given each frame as soon as it is there
   * @param cancelled is asked between packets whether to stop
   * @throws IllegalArgumentException if the file ends before one of the times or nothing of it can
   *     be decoded; the message names the file
   */
  void frames(double[] seconds, Consumer<VideoFrame> sink, BooleanSupplier cancelled);

  /** Frees the decoder. */
  @Override
  void close();
}
