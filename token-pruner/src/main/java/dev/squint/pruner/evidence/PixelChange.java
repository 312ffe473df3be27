package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Change of the pixels under each token since the previous frame, [N, 1]: mean difference over the
 * colours as a share of the range of values; 1 where there is no previous frame.
 */
public record PixelChange() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.PIXELS;
  }
}
