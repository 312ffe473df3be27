package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/**
 * The token that an encoder gives for each tile as a whole, beside those of its grid, [T, D]
 * (Florence-2, arXiv 2311.06242). Methods do not read it, and it stays in the prompt.
 */
public record TileSummary() implements Evidence<Matrix> {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }

  @Override
  public Matrix reduced(Matrix value, TokenReduction reduction) {
    return value;
  }

  @Override
  public void check(Matrix value, int tokens) {
    if (value.rows() == 0 && tokens > 0) {
      throw new IllegalArgumentException("%s has no rows for %d tokens".formatted(this, tokens));
    }
  }

  @Override
  public Matrix together(List<Evidence.Part<Matrix>> parts, int tiles) {
    int size = parts.get(0).value().cols();
    float[] rows = new float[Math.multiplyExact(tiles, size)];
    for (Evidence.Part<Matrix> part : parts) {
      System.arraycopy(part.value().data(), part.tile() * size, rows, part.place() * size, size);
    }
    return new Matrix(tiles, size, rows);
  }

  @Override
  public long bytes(Matrix value) {
    return value.bytes();
  }
}
