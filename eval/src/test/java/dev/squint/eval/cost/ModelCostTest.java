package dev.squint.eval.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.VisionLanguageModel;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCostTest {

  private static final Path PACKAGES = Path.of("../llm-decoder/src/test/resources/packages");

  /** LLaVA's config says 4, but it reads the last but one, so its graph ends there. */
  @ParameterizedTest
  @CsvSource({"llava, 3", "smolvlm2, 3"})
  void layersOfTheEncoder_areThoseOfItsGraph(String name, int layers) {
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGES.resolve(name))) {
      assertThat(ModelCost.of(model).orElseThrow().encoder().layers()).isEqualTo(layers);
    }
  }
}
