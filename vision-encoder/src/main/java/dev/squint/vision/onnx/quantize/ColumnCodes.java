package dev.squint.vision.onnx.quantize;

import java.nio.ByteBuffer;

/**
 * A weight as integers with one scale per column.
 *
 * <p>Codes are in -64..64. Processors without VNNI multiply unsigned 8-bit activations by signed
 * 8-bit weights and add pairs in 16 bits: 2 x 255 x 64 = 32,640 still fits, 2 x 255 x 127 does not.
 *
 * @param codes the codes, [K, N], in the order of the weight
 * @param scales the scale of each column, [N]
 */
record ColumnCodes(ByteBuffer codes, float[] scales) {

  /** The largest code that is exact on every processor. */
  private static final int LIMIT = 64;

  /**
   * Rounds a weight that is stored transposed to the nearest codes.
   *
   * @param transposed the weight, [N, K]
   */
  static ColumnCodes ofTransposed(WeightMatrix transposed) {
    int columns = transposed.rows();
    float[] column = new float[transposed.columns()];
    float[] scales = new float[columns];
    ByteBuffer codes = ByteBuffer.allocateDirect(Math.multiplyExact(columns, column.length));
    for (int j = 0; j < columns; j++) {
      transposed.row(j, column);
      float largest = 0;
      for (float value : column) {
        largest = Math.max(largest, Math.abs(value));
      }
      scales[j] = RowCodes.scale(largest, LIMIT);
      for (int i = 0; i < column.length; i++) {
        codes.put(i * columns + j, (byte) Math.round(column[i] / scales[j]));
      }
    }
    return new ColumnCodes(codes, scales);
  }

  /**
   * Rounds a weight to the nearest codes.
   *
   * @param matrix the weight, [K, N]
   */
  static ColumnCodes of(WeightMatrix matrix) {
    float[] row = new float[matrix.columns()];
    float[] largest = new float[matrix.columns()];
    for (int i = 0; i < matrix.rows(); i++) {
      matrix.row(i, row);
      for (int j = 0; j < row.length; j++) {
        largest[j] = Math.max(largest[j], Math.abs(row[j]));
      }
    }
    float[] scales = new float[largest.length];
    for (int j = 0; j < scales.length; j++) {
      scales[j] = RowCodes.scale(largest[j], LIMIT);
    }
    ByteBuffer codes = ByteBuffer.allocateDirect(Math.multiplyExact(matrix.rows(), row.length));
    for (int i = 0; i < matrix.rows(); i++) {
      matrix.row(i, row);
      for (int j = 0; j < row.length; j++) {
        codes.put((byte) Math.round(row[j] / scales[j]));
      }
    }
    return new ColumnCodes(codes.flip(), scales);
  }
}
