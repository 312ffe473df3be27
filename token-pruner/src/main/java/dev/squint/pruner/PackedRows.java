package dev.squint.pruner;

import java.util.Arrays;

/**
 * Rows laid out for many dot products at once: blocks of 64 rows, each transposed, so that the
 * innermost loop runs along memory over independent sums and is vectorised.
 *
 * <p>Every dot product is summed in the order of the columns whichever of the two rows is packed,
 * so equal pairs give equal bits.
 */
public final class PackedRows {
  /** Rows of a block: 64 rows of 1,024 floats stay in a level-2 cache. */
  public static final int BLOCK = 64;

  private final int rows;
  private final int cols;
  private final float[][] blocks;

  public PackedRows(Matrix matrix) {
    rows = matrix.rows();
    cols = matrix.cols();
    blocks = new float[(rows + BLOCK - 1) / BLOCK][BLOCK * cols];
    float[] data = matrix.data();
    for (int r = 0; r < rows; r++) {
      float[] block = blocks[r / BLOCK];
      for (int c = 0, to = r % BLOCK; c < cols; c++, to += BLOCK) {
        block[to] = data[r * cols + c];
      }
    }
  }

  /** Number of blocks; the last one may be part empty. */
  public int blocks() {
    return blocks.length;
  }

  /** Number of rows in a block. */
  public int rowsOf(int block) {
    return Math.min(BLOCK, rows - block * BLOCK);
  }

  /** Dot products of one row of a matrix with the rows of a block, into {@code out} [64]. */
  public void dot(Matrix matrix, int row, int block, float[] out) {
    Arrays.fill(out, 0);
    float[] a = matrix.data();
    float[] b = blocks[block];
    int at = row * cols;
    int c = 0;
    for (; c + 3 < cols; c += 4) {
      float a0 = a[at + c];
      float a1 = a[at + c + 1];
      float a2 = a[at + c + 2];
      float a3 = a[at + c + 3];
      int from = c * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        out[i] =
            out[i]
                + a0 * b[from + i]
                + a1 * b[from + BLOCK + i]
                + a2 * b[from + 2 * BLOCK + i]
                + a3 * b[from + 3 * BLOCK + i];
      }
    }
    for (; c < cols; c++) {
      float a0 = a[at + c];
      int from = c * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        out[i] += a0 * b[from + i];
      }
    }
  }

  /** As {@link #dot} for two rows at once, which reads the block once for both. */
  public void dotTwo(Matrix matrix, int row, int other, int block, float[] out, float[] outOther) {
    Arrays.fill(out, 0);
    Arrays.fill(outOther, 0);
    float[] a = matrix.data();
    float[] b = blocks[block];
    int at = row * cols;
    int next = other * cols;
    int c = 0;
    for (; c + 3 < cols; c += 4) {
      float a0 = a[at + c];
      float a1 = a[at + c + 1];
      float a2 = a[at + c + 2];
      float a3 = a[at + c + 3];
      float n0 = a[next + c];
      float n1 = a[next + c + 1];
      float n2 = a[next + c + 2];
      float n3 = a[next + c + 3];
      int from = c * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        float b0 = b[from + i];
        float b1 = b[from + BLOCK + i];
        float b2 = b[from + 2 * BLOCK + i];
        float b3 = b[from + 3 * BLOCK + i];
        out[i] = out[i] + a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
        outOther[i] = outOther[i] + n0 * b0 + n1 * b1 + n2 * b2 + n3 * b3;
      }
    }
    for (; c < cols; c++) {
      int from = c * BLOCK;
      for (int i = 0; i < BLOCK; i++) {
        out[i] += a[at + c] * b[from + i];
        outOther[i] += a[next + c] * b[from + i];
      }
    }
  }
}
