package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/** How relevant each picture or video frame is to the question, each in [0, 1], [1, frames]. */
public record FrameRelevance() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.QUESTION;
  }
}
