package dev.squint.vision.video;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** An open video file or animation. Not thread-safe. */
public sealed interface Video extends AutoCloseable permits StreamedVideo, WebPAnimation {

  /** Returns the header of the file. */
  VideoHeader header();

  /**
   * Decodes the frames that are shown at these times, one after the other, without keeping them.
   *
   * @param seconds times from the first frame, ascending
   * @param sink receives each frame when it is decoded
   * @param cancelled checked between packets; true stops decoding
   * @throws IllegalArgumentException if the file ends before one of the times or nothing of it can
   *     be decoded; the message names the file
   */
  void frames(double[] seconds, Consumer<VideoFrame> sink, BooleanSupplier cancelled);

  /** Frees the decoder. */
  @Override
  void close();
}
