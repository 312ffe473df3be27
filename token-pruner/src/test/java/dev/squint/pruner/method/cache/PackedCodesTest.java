package dev.squint.pruner.method.cache;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Matrix;
import dev.squint.testing.Tolerance;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedCodesTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8})
  void codes_comeBackAsTheyWentIn_andTakeTheirBits(int bits) {
    Random random = new Random(bits);
    int[][] codes = new int[5][13];
    PackedCodes packed = new PackedCodes(5, 13, bits);
    for (int row = 0; row < codes.length; row++) {
      for (int col = 0; col < codes[row].length; col++) {
        codes[row][col] = random.nextInt(1 << bits);
        packed.set(row, col, codes[row][col]);
      }
    }
    for (int row = 0; row < codes.length; row++) {
      for (int col = 0; col < codes[row].length; col++) {
        assertThat(packed.get(row, col)).isEqualTo(codes[row][col]);
      }
    }
    assertThat(packed.size()).isEqualTo(5L * ((13 * bits + 7) / 8));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void quantised_isWithinHalfAStep(int bits) {
    Random random = new Random(1);
    float[] values = new float[6 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 10 - 5;
    }
    Matrix rows = new Matrix(6, 8, values);
    QuantizedMatrix quantised = QuantizedMatrix.of(rows, bits, 1, 8);
    Matrix read = quantised.dequantised();

    for (int row = 0; row < 6; row++) {
      for (int col = 0; col < 8; col++) {
        // Half a step, and the rounding of a value up to 5.
        double halfStep = quantised.step().get(row, 0) / 2;
        assertClose(
            read.get(row, col),
            rows.get(row, col),
            Tolerance.absolute(halfStep + 1e-5),
            "value %d, %d",
            row,
            col);
      }
    }
    assertThat(quantised.bytes()).isEqualTo(6L * bits + 2 * 4 * 6);
  }
}
