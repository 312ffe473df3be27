package dev.squint.pruner.evidence;

import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/**
 * Query and key of the CLS token of every tile in one encoder layer, [tiles, heads * headDim] each.
 */
public record ClsQueryAndKey(int layer) implements Evidence<ClsToken> {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }

  @Override
  public ClsToken reduced(ClsToken value, TokenReduction reduction) {
    return value;
  }

  @Override
  public void check(ClsToken value, int tokens) {
    if (value.queries().rows() != value.keys().rows()
        || value.queries().cols() != value.keys().cols()) {
      throw new IllegalArgumentException(
          "%s has queries %s but keys %s".formatted(this, value.queries(), value.keys()));
    }
  }

  /** Tiles without a part have rows of zeros. */
  @Override
  public ClsToken together(List<Evidence.Part<ClsToken>> parts, int tiles) {
    int size = parts.get(0).value().queries().cols();
    float[] queries = new float[tiles * size];
    float[] keys = new float[tiles * size];
    for (Evidence.Part<ClsToken> part : parts) {
      System.arraycopy(
          part.value().queries().row(part.tile()), 0, queries, part.place() * size, size);
      System.arraycopy(part.value().keys().row(part.tile()), 0, keys, part.place() * size, size);
    }
    return new ClsToken(new Matrix(tiles, size, queries), new Matrix(tiles, size, keys));
  }

  @Override
  public long bytes(ClsToken value) {
    return value.queries().bytes() + value.keys().bytes();
  }
}
