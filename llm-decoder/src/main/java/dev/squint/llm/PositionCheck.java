package dev.squint.llm;

import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.file.Path;

/** Whether tokens of a decoder keep their positions when others are dropped. */
final class PositionCheck {

  private PositionCheck() {}

  /**
   * Reads a decoder's graph and checks that it is given positions, or can be.
   *
   * @throws IllegalArgumentException if not; the message says why and what to do
   */
  static void require(Path graph) {
    try {
      GraphRewriter.checkPositions(graph);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the decoder's graph has no input position_ids and cannot be given positions, so tokens after a dropped one would get wrong ones: %s; use a plan that ends at 'encoder', or export the decoder with position_ids"
              .formatted(e.getMessage()),
          e);
    }
  }
}
