package dev.squint.vision.onnx.quantize;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A weight as unsigned integers with one scale for each block of consecutive inputs, in the layout
 * of {@code MatMulNBits}: codes of one output after the other, the last block of an output filled
 * with zeros. The zero point is the middle code, 8 or 128.
 *
 * @param codes the codes, [outputs, blocks, blockSize * bits / 8]; of 4-bit codes, the first is in
 *     the lower half of a byte
 * @param scales the scale of each block, [outputs, blocks]
 * @param blocks number of blocks of an output
 */
record BlockCodes(ByteBuffer codes, float[] scales, int blocks) {

  /**
   * Rounds the columns of a weight to the nearest codes.
   *
   * @param weight the weight, [K, N]; N are the outputs
   */
  static BlockCodes ofColumns(WeightMatrix weight, QuantizedForm form) {
    return of(new Transposed(weight), weight.columns(), weight.rows(), form);
  }

  /**
   * Rounds the rows of an embedding table, or of a weight that is stored transposed, to the nearest
   * codes.
   *
   * @param table the table, [V, D]; V are the outputs
   */
  static BlockCodes ofRows(WeightMatrix table, QuantizedForm form) {
    return of(table::row, table.rows(), table.columns(), form);
  }

  /** Reads the inputs of one output. */
  private interface Outputs {
    void read(int output, float[] into);
  }

  private static BlockCodes of(Outputs outputs, int count, int inputs, QuantizedForm form) {
    int size = form.blockSize();
    int blocks = (inputs + size - 1) / size;
    int bytes = size * form.bits() / Byte.SIZE;
    ByteBuffer codes =
        ByteBuffer.allocateDirect(Math.multiplyExact(Math.multiplyExact(count, blocks), bytes));
    float[] scales = new float[count * blocks];
    float[] values = new float[inputs];
    float[] block = new float[size];
    for (int output = 0; output < count; output++) {
      outputs.read(output, values);
      for (int b = 0; b < blocks; b++) {
        int from = b * size;
        int length = Math.min(size, inputs - from);
        System.arraycopy(values, from, block, 0, length);
        Arrays.fill(block, length, size, 0);
        scales[output * blocks + b] = form.bits() == 4 ? put4(block, codes) : put8(block, codes);
      }
    }
    return new BlockCodes(codes.flip(), scales, blocks);
  }

  /**
   * Writes 4-bit codes and returns their scale. The value of the largest magnitude becomes code 0,
   * whose distance from the middle is 8, one more than that of code 15.
   */
  private static float put4(float[] block, ByteBuffer codes) {
    float extreme = extreme(block);
    float scale = extreme == 0 ? 1 : extreme / -8;
    for (int i = 0; i < block.length; i += 2) {
      codes.put((byte) (code4(block[i] / scale) | code4(block[i + 1] / scale) << 4));
    }
    return scale;
  }

  private static int code4(float value) {
    return Math.max(0, Math.min(15, Math.round(value) + 8));
  }

  private static float put8(float[] block, ByteBuffer codes) {
    float scale = RowCodes.scale(Math.abs(extreme(block)), 127);
    for (float value : block) {
      codes.put((byte) (Math.round(value / scale) + 128));
    }
    return scale;
  }

  private static float extreme(float[] block) {
    float extreme = 0;
    for (float value : block) {
      extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
    }
    return extreme;
  }

  /** Reads columns of a matrix, several at a time, because one column touches every cache line. */
  private static final class Transposed implements Outputs {

    private static final int WIDTH = 64;

    private final WeightMatrix matrix;
    private final float[] row;
    private final float[][] columns;
    private int first = -WIDTH;

    Transposed(WeightMatrix matrix) {
      this.matrix = matrix;
      this.row = new float[matrix.columns()];
      this.columns = new float[WIDTH][matrix.rows()];
    }

    @Override
    public void read(int output, float[] into) {
      if (output >= first + WIDTH) {
        first = output;
        int width = Math.min(WIDTH, matrix.columns() - first);
        for (int i = 0; i < matrix.rows(); i++) {
          matrix.row(i, row);
          for (int j = 0; j < width; j++) {
            columns[j][i] = row[first + j];
          }
        }
      }
      System.arraycopy(columns[output - first], 0, into, 0, into.length);
    }
  }
}
