package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.quantize.QuantizedForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitBenchTest {

  private static final Path TILED = Path.of("../llm-decoder/src/test/resources/packages/tiled");
  private static final MatrixChain SMALL = new MatrixChain(64, 3);

  @TempDir Path folder;

  @Test
  void sharesAreWhatTheModelReachesOfTheLimit_andNoGraphStays() throws IOException {
    try (VisionLanguageModel model = VisionLanguageModel.load(TILED)) {
      Section section =
          new LimitBench(model, LoadOptions.DEFAULT, SMALL, 100_000)
              .measure(20, 1, folder.resolve("limits"));

      assertThat(section.rows())
          .extracting(row -> row.get("phase"))
          .containsExactly("encode a tile, fp32", "prefill, fp32", "decode a token, fp32");
      // The graph, and keys and values of 20 tokens: 4 layers, 2 key heads of 12 numbers.
      long graph = Files.size(TILED.resolve("onnx/decoder_model_merged.onnx"));
      assertThat(value(section.rows().get(2), "amount") * 1e9)
          .isCloseTo(graph + 2 * 4 * 2 * 12 * 20 * 4, within(1e9));
      for (Map<String, Object> row : section.rows()) {
        double reached = value(row, "amount") / value(row, "milliseconds") * 1000;
        assertThat(value(row, "a second")).isCloseTo(reached, within(reached));
        assertThat(value(row, "share of the limit"))
            .isCloseTo(reached / value(row, "limit a second"), within(1));
      }
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(QuantizedForm.class)
  void enoughSessionsAreOpened_inEveryForm(QuantizedForm form) {
    try (MachineLimit limit =
        MachineLimit.open(
            folder, SMALL, Optional.of(form), 100_000, SessionSettings.DEFAULT.withThreads(1))) {
      long bytes = MachineLimit.bytes(folder.resolve(form.variant() + ".onnx"));
      assertThat(limit.copies()).isEqualTo((int) Math.ceil(100_000.0 / bytes)).isGreaterThan(1);
      assertThat(limit.gigaflops()).isPositive();
      assertThat(limit.gigabytes()).isPositive();
    }
  }

  @Test
  void operationsOfARow_areTwoForEachWeight() {
    assertThat(SMALL.operations()).isEqualTo(2.0 * 64 * 64 * 3);
  }

  private static double value(Map<String, Object> row, String column) {
    return ((Number) row.getOrDefault(column, Double.NaN)).doubleValue();
  }

  private static Offset<Double> within(double size) {
    return Offset.offset(1e-9 * size);
  }
}
