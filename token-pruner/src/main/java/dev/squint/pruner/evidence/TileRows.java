package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/** Evidence of the encoder about tiles: values with one row for each, [T, C]. */
interface TileRows extends Evidence<Matrix> {

  @Override
  default Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }

  @Override
  default Matrix reduced(Matrix value, TokenReduction reduction) {
    return value;
  }

  @Override
  default void check(Matrix value, int tokens) {
    if (value.rows() == 0 && tokens > 0) {
      throw new IllegalArgumentException("%s has no rows for %d tokens".formatted(this, tokens));
    }
  }

  /** The rows of tiles without a part are zero. */
  @Override
  default Matrix together(List<Evidence.Part<Matrix>> parts, int tiles) {
    int size = parts.get(0).value().cols();
    float[] rows = new float[Math.multiplyExact(tiles, size)];
    for (Evidence.Part<Matrix> part : parts) {
      System.arraycopy(part.value().data(), part.tile() * size, rows, part.place() * size, size);
    }
    return new Matrix(tiles, size, rows);
  }

  @Override
  default long bytes(Matrix value) {
    return value.bytes();
  }
}
