package dev.squint.pruner.evidence;

/**
 * The pixels of each group of patches as the encoder is given them, [G, V]: for each colour and
 * each frame of a tile the rows of the group's area. Each colour has a third of the values, and all
 * groups have the same number.
 */
public record GroupPixels() implements TokenRowsKind {
  @Override
  public Source source() {
    return Source.PIXELS;
  }
}
