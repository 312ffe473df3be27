package dev.squint.llm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.TrainedWeights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {

  @TempDir private Path folder;

  /** Values of IEEE 754, binary16, by their bits. */
  @Test
  void halves_areTheirValues() {
    assertThat(half(0x3c00)).isEqualTo(1);
    assertThat(half(0xc000)).isEqualTo(-2);
    assertThat(half(0x3555)).isEqualTo(1365 * 0x1p-12f);
    assertThat(half(0x7bff)).isEqualTo(65504);
    assertThat(half(0x0400)).isEqualTo(0x1p-14f);
    assertThat(half(0x0001)).isEqualTo(0x1p-24f);
    assertThat(half(0x8000)).isEqualTo(-0f);
    assertThat(half(0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(half(0x7e00)).isNaN();
  }

  private static float half(int bits) {
    return Safetensors.ofHalf((short) bits);
  }

  @Test
  void tensorsOfHalves_areReadBesideThoseOfFloats() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3c00).putShort((short) 0xc000).putFloat(0.1f).putFloat(3);
    TrainedWeights weights =
        Safetensors.read(
            file(
                """
                {"a": {"dtype": "F16", "shape": [2, 1], "data_offsets": [0, 4]},
                 "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}""",
                data.array()));

    assertThat(weights.matrix("a").rows()).isEqualTo(2);
    assertThat(weights.matrix("a").data()).containsExactly(1, -2);
    assertThat(weights.vector("b")).containsExactly(0.1f, 3);
  }

  @Test
  void otherTypesAndWrongLengths_areNamed() throws IOException {
    Path bytes =
        file(
            "{\"a\": {\"dtype\": \"BF16\", \"shape\": [1], \"data_offsets\": [0, 2]}}",
            new byte[2]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(bytes))
        .withMessageContaining("'a' of type BF16")
        .withMessageContaining("of F32 and F16 are read");
    Path wide =
        file(
            "{\"a\": {\"dtype\": \"F16\", \"shape\": [1], \"data_offsets\": [0, 4]}}", new byte[4]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.read(wide))
        .withMessageContaining("at bytes 0 to 4 of 4");
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).put(data);
    return Files.write(Files.createTempFile(folder, "weights", ".safetensors"), bytes.array());
  }
}
