package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * How much the pixels under each token differ from those in the same place of the frame before, [N,
 * 1]: mean difference over the colours as a share of the range of values; 1 where there is no frame
 * before.
 */
public record PixelChange() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.PIXELS;
  }
}
