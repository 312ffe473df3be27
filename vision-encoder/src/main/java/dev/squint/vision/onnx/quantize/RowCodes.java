package dev.squint.vision.onnx.quantize;

import java.nio.ByteBuffer;

/**
 * An embedding table as 8-bit integers with one scale per row.
 *
 * @param codes the codes, [V, D]
 * @param scales the scale of each row, [V]
 */
record RowCodes(ByteBuffer codes, float[] scales) {

  private static final int LIMIT = 127;

  /** Rounds a table to the nearest codes. */
  static RowCodes of(WeightMatrix table) {
    float[] row = new float[table.columns()];
    float[] scales = new float[table.rows()];
    ByteBuffer codes = ByteBuffer.allocateDirect(Math.multiplyExact(table.rows(), row.length));
    for (int i = 0; i < scales.length; i++) {
      table.row(i, row);
      float largest = 0;
      for (float value : row) {
        largest = Math.max(largest, Math.abs(value));
      }
      scales[i] = scale(largest, LIMIT);
      for (float value : row) {
        codes.put((byte) Math.round(value / scales[i]));
      }
    }
    return new RowCodes(codes.flip(), scales);
  }

  /** The scale that maps the largest magnitude to the largest code; 1 if all values are zero. */
  static float scale(float largest, int limit) {
    return largest == 0 ? 1 : largest / limit;
  }
}
