package dev.squint.vision.encoder;

import java.nio.file.Path;

/** Opens the encoder of a model, for models whose encoder is not opened from its graph. */
@FunctionalInterface
public interface EncoderSource {

  /**
   * Opens the encoder.
   *
   * @param graph its graph, which need not be read
   */
  VisionEncoder open(Path graph);
}
