package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.PackageGraph;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackagesTest {

  private static final String DECODER = "dev.squint.llm.decoder";

  /** The order that the package page of the decoder states, lowest first. */
  private static final List<String> ORDER =
      List.of(
          ".input",
          ".cache",
          ".stage",
          ".evidence",
          ".policy",
          ".session",
          ".prefix",
          ".batch",
          "");

  private final PackageGraph graph = PackageGraph.of(VisionLanguageModel.class);

  @Test
  void noPackagesUseEachOtherInACircle() {
    assertThat(graph.uses()).containsKeys(DECODER, DECODER + ".session");
    assertThat(graph.cycle()).isEmpty();
  }

  /** From messages and the package's files by prompt and stages to the answer. */
  @Test
  void packagesOfAQuestionUseOnlyLowerOnes() {
    assertThat(
            graph.upwards(
                "dev.squint.llm",
                List.of(
                    ".jinja",
                    ".chat",
                    ".model",
                    ".generation",
                    ".decoder.input",
                    ".decoder",
                    ".prompt",
                    "",
                    ".djl")))
        .isEmpty();
  }

  @Test
  void packagesOfTheDecoderUseOnlyLowerOnes() {
    assertThat(graph.upwards(DECODER, ORDER)).isEmpty();
    assertThat(graph.uses().keySet().stream().filter(name -> name.startsWith(DECODER)))
        .as("add a new package to the order")
        .containsExactlyInAnyOrderElementsOf(ORDER.stream().map(DECODER::concat).toList());
  }
}
