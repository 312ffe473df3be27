package dev.squint.vision.onnx;

import java.util.Optional;

/**
 * Where a session runs.
 *
 * @param device never {@link Device#AUTO}
 * @param note why it is the processor, if a faster device was looked for
 */
public record Placement(Device device, Optional<String> note) {

  /** The processor, because nothing else was wanted. */
  public static final Placement CPU = new Placement(Device.CPU, Optional.empty());
}
