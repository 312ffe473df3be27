package dev.squint.vision.onnx;

import java.util.List;
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

  /**
   * Where several stages of a graph run: that with a note if they differ.
   *
   * @param stages at least one
   */
  public static Placement joined(List<Placement> stages) {
    return stages.stream()
        .filter(stage -> stage.note().isPresent())
        .findFirst()
        .orElse(stages.get(0));
  }
}
