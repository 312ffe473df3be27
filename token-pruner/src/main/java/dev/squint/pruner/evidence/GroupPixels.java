package dev.squint.pruner.evidence;

/**
 * The pixels of each group of patches as the encoder is given them, [G, V]: for each frame of a
 * tile and each colour the rows of the group's area. All groups have the same number of values.
 */
public record GroupPixels() implements TokenRowsKind {
  @Override
  public Source source() {
    return Source.PIXELS;
  }
}
