package dev.squint.vision.onnx.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodesTest {

  @Test
  void columnsHaveTheirOwnScale_andCodesUpTo64() {
    ColumnCodes codes = ColumnCodes.of(matrix(2, 2, 1, -0.5f, 0.25f, 0.5f));
    assertThat(bytes(codes.codes())).containsExactly(64, -64, 16, 64);
    assertThat(codes.scales()).containsExactly(1 / 64f, 0.5f / 64);
  }

  @Test
  void aTransposedWeight_hasTheSameCodes() {
    Random random = new Random(7);
    float[] values = new float[6 * 5];
    float[] transposed = new float[values.length];
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 5; j++) {
        values[i * 5 + j] = (float) random.nextGaussian();
        transposed[j * 6 + i] = values[i * 5 + j];
      }
    }
    ColumnCodes codes = ColumnCodes.of(matrix(6, 5, values));
    ColumnCodes same = ColumnCodes.ofTransposed(matrix(5, 6, transposed));
    assertThat(bytes(same.codes())).containsExactly(bytes(codes.codes()));
    assertThat(same.scales()).containsExactly(codes.scales());
    BlockCodes blocks = BlockCodes.ofColumns(matrix(6, 5, values), QuantizedForm.BLOCK_4);
    BlockCodes sameBlocks = BlockCodes.ofRows(matrix(5, 6, transposed), QuantizedForm.BLOCK_4);
    assertThat(bytes(sameBlocks.codes())).containsExactly(bytes(blocks.codes()));
    assertThat(sameBlocks.scales()).containsExactly(blocks.scales());
  }

  @Test
  void rowsOfZeros_stayZero() {
    RowCodes rows = RowCodes.of(matrix(2, 2, 0, 0, -3, 1.5f));
    assertThat(bytes(rows.codes())).containsExactly(0, 0, -127, 64);
    assertThat(rows.scales()).containsExactly(1, 3f / 127);
    BlockCodes blocks = BlockCodes.ofRows(matrix(1, 32, new float[32]), QuantizedForm.BLOCK_8);
    assertThat(bytes(blocks.codes())).containsOnly(-128);
  }

  @Test
  void fourBits_lieLowHalfFirst_andTheExtremeIsExact() {
    float[] values = new float[32];
    values[0] = -8;
    values[1] = 7;
    values[2] = 1;
    BlockCodes blocks = BlockCodes.ofRows(matrix(1, 32, values), QuantizedForm.BLOCK_4);
    assertThat(blocks.scales()).containsExactly(1);
    assertThat(blocks.codes().get(0)).isEqualTo((byte) (0 | 15 << 4));
    assertThat(blocks.codes().get(1)).isEqualTo((byte) (9 | 8 << 4));
  }

  @Test
  void theLastBlock_isFilledWithZeros() {
    float[] values = new float[33];
    values[32] = 2;
    BlockCodes blocks = BlockCodes.ofRows(matrix(1, 33, values), QuantizedForm.BLOCK_8);
    assertThat(blocks.blocks()).isEqualTo(2);
    assertThat(blocks.codes().remaining()).isEqualTo(64);
    assertThat(blocks.codes().get(32) & 255).isEqualTo(255);
    assertThat(blocks.codes().get(33) & 255).isEqualTo(128);
  }

  @Test
  void codesAreWithinHalfAStepOfTheWeight() {
    Random random = new Random(11);
    float[] values = new float[100 * 70];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    BlockCodes blocks = BlockCodes.ofColumns(matrix(100, 70, values), QuantizedForm.BLOCK_8);
    for (int k = 0; k < 100; k++) {
      for (int n = 0; n < 70; n++) {
        int block = n * blocks.blocks() + k / 32;
        int code = (blocks.codes().get(block * 32 + k % 32) & 255) - 128;
        float scale = blocks.scales()[block];
        assertThat(code * scale).isCloseTo(values[k * 70 + n], within(scale * 0.501f));
      }
    }
  }

  @Test
  void aMatrixMayLieInSeveralParts() {
    WeightMatrix matrix =
        new WeightMatrix(
            List.of(
                FloatBuffer.wrap(new float[] {1, 2, 3, 4}), FloatBuffer.wrap(new float[] {5, 6})),
            3,
            2);
    float[] row = new float[2];
    matrix.row(2, row);
    assertThat(row).containsExactly(5, 6);
    matrix.row(1, row);
    assertThat(row).containsExactly(3, 4);
    assertThatThrownBy(() -> matrix(2, 2, 1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a matrix of 2 x 2 has 3 values");
  }

  private static WeightMatrix matrix(int rows, int columns, float... values) {
    return new WeightMatrix(List.of(FloatBuffer.wrap(values)), rows, columns);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
