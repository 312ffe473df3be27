package dev.squint.pruner;

import java.util.Arrays;
import java.util.List;

/** A matrix of floats, [rows, cols], row-major. */
public final class Matrix {
  private final int rows;
  private final int cols;
  private final float[] data;

  /**
   * Wraps the array, which is not copied and must not be changed afterwards.
   *
   * @throws IllegalArgumentException when the array does not hold rows x cols floats
   */
  public Matrix(int rows, int cols, float[] data) {
    if (rows < 0 || cols < 0 || data.length != Math.multiplyExact(rows, cols)) {
      throw new IllegalArgumentException(
          "a matrix of %d x %d cannot hold %d floats".formatted(rows, cols, data.length));
    }
    this.rows = rows;
    this.cols = cols;
    this.data = data;
  }

  /** Copies the rows, which must have the same length. */
  public static Matrix of(float[]... rows) {
    int cols = rows.length == 0 ? 0 : rows[0].length;
    float[] data = new float[rows.length * cols];
    for (int r = 0; r < rows.length; r++) {
      if (rows[r].length != cols) {
        throw new IllegalArgumentException(
            "row 0 has %d floats but row %d has %d".formatted(cols, r, rows[r].length));
      }
      System.arraycopy(rows[r], 0, data, r * cols, cols);
    }
    return new Matrix(rows.length, cols, data);
  }

  /** Joins matrices side by side; they must have the same number of rows. */
  public static Matrix sideBySide(List<Matrix> parts) {
    int rows = parts.get(0).rows;
    int cols = parts.stream().mapToInt(Matrix::cols).sum();
    float[] data = new float[rows * cols];
    int at = 0;
    for (Matrix part : parts) {
      if (part.rows != rows) {
        throw new IllegalArgumentException(
            "matrices side by side must have the same number of rows but have %d and %d"
                .formatted(rows, part.rows));
      }
      for (int r = 0; r < rows; r++) {
        System.arraycopy(part.data, r * part.cols, data, r * cols + at, part.cols);
      }
      at += part.cols;
    }
    return new Matrix(rows, cols, data);
  }

  /**
   * The rows of all parts, one part below the other. All parts that are not empty must have the
   * same number of columns.
   *
   * @throws IllegalArgumentException with both numbers of columns, if they differ
   */
  public static Matrix stacked(List<Matrix> parts) {
    int cols = parts.stream().filter(part -> part.rows > 0).findFirst().orElse(parts.get(0)).cols;
    float[] data = new float[parts.stream().mapToInt(part -> part.data.length).sum()];
    int at = 0;
    for (Matrix part : parts) {
      if (part.rows > 0 && part.cols != cols) {
        throw new IllegalArgumentException(
            "rows of %d floats cannot be stacked below rows of %d".formatted(part.cols, cols));
      }
      System.arraycopy(part.data, 0, data, at, part.data.length);
      at += part.data.length;
    }
    return new Matrix(parts.stream().mapToInt(Matrix::rows).sum(), cols, data);
  }

  /** Bytes of the values. */
  public long bytes() {
    return (long) Float.BYTES * data.length;
  }

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  /** The array itself, row-major. It must not be changed. */
  public float[] data() {
    return data;
  }

  public float get(int row, int col) {
    return data[row * cols + col];
  }

  /** A copy of one row, [cols]. */
  public float[] row(int row) {
    return Arrays.copyOfRange(data, row * cols, (row + 1) * cols);
  }

  /** The given rows in the given order, [indices, cols]. */
  public Matrix rows(int[] indices) {
    float[] picked = new float[indices.length * cols];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(data, indices[i] * cols, picked, i * cols, cols);
    }
    return new Matrix(indices.length, cols, picked);
  }

  /** The given columns in the given order, [rows, indices]. */
  public Matrix columns(int[] indices) {
    float[] picked = new float[rows * indices.length];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < indices.length; i++) {
        picked[r * indices.length + i] = data[r * cols + indices[i]];
      }
    }
    return new Matrix(rows, indices.length, picked);
  }

  /** Sum over the rows, [cols]. */
  public float[] columnSums() {
    float[] sums = new float[cols];
    for (int r = 0; r < rows; r++) {
      int at = r * cols;
      for (int c = 0; c < cols; c++) {
        sums[c] += data[at + c];
      }
    }
    return sums;
  }

  /** Mean over the rows, [cols]. */
  public float[] columnMeans() {
    float[] means = columnSums();
    for (int c = 0; c < cols; c++) {
      means[c] /= rows;
    }
    return means;
  }

  /** Subtracts the given row from every row, [rows, cols]. */
  public Matrix minus(float[] row) {
    float[] shifted = data.clone();
    for (int r = 0; r < rows; r++) {
      int at = r * cols;
      for (int c = 0; c < cols; c++) {
        shifted[at + c] -= row[c];
      }
    }
    return new Matrix(rows, cols, shifted);
  }

  /**
   * Every row divided by its Euclidean norm, [rows, cols]. A row of zeros is unchanged, so its
   * cosine with any row is 0.
   */
  public Matrix unitRows() {
    float[] unit = new float[data.length];
    for (int r = 0; r < rows; r++) {
      int at = r * cols;
      double square = 0;
      for (int c = at; c < at + cols; c++) {
        square += (double) data[c] * data[c];
      }
      float scale = square > 0 ? (float) (1 / Math.sqrt(square)) : 0;
      for (int c = at; c < at + cols; c++) {
        unit[c] = data[c] * scale;
      }
    }
    return new Matrix(rows, cols, unit);
  }

  /**
   * The product with the other's transpose, [rows, other.rows]: dot products of all pairs of rows.
   */
  public Matrix timesTransposed(Matrix other) {
    if (cols != other.cols) {
      throw new IllegalArgumentException(
          "rows of %d floats do not match rows of %d".formatted(cols, other.cols));
    }
    PackedRows packed = new PackedRows(other);
    float[] product = new float[Math.multiplyExact(rows, other.rows)];
    for (int block = 0; block < packed.blocks(); block++) {
      multiply(packed, block, 0, product, other.rows);
    }
    return new Matrix(rows, other.rows, product);
  }

  /** Dot products of all pairs of rows, [rows, rows]; exactly symmetric. */
  public Matrix timesOwnTransposed() {
    PackedRows packed = new PackedRows(this);
    float[] product = new float[Math.multiplyExact(rows, rows)];
    for (int block = 0; block < packed.blocks(); block++) {
      multiply(packed, block, block * PackedRows.BLOCK, product, rows);
    }
    for (int r = 0; r < rows; r++) {
      for (int c = r + 1; c < rows; c++) {
        product[r * rows + c] = product[c * rows + r];
      }
    }
    return new Matrix(rows, rows, product);
  }

  /** Dot products of the rows starting at {@code start} with one block. */
  private void multiply(PackedRows packed, int block, int start, float[] product, int width) {
    float[] sums = new float[PackedRows.BLOCK];
    int to = block * PackedRows.BLOCK;
    for (int r = start; r < rows; r++) {
      packed.dot(this, r, block, sums);
      System.arraycopy(sums, 0, product, r * width + to, packed.rowsOf(block));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matrix m
        && rows == m.rows
        && cols == m.cols
        && Arrays.equals(data, m.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + cols) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "Matrix[%d x %d]".formatted(rows, cols);
  }
}
