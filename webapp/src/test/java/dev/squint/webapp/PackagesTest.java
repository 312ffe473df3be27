package dev.squint.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.PackageGraph;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackagesTest {

  private final PackageGraph graph = PackageGraph.of(ServerSettings.class);

  @Test
  void noPackagesUseEachOtherInACircle() {
    assertThat(graph.uses()).containsKeys("dev.squint.webapp.ask", "dev.squint.webapp.answering");
    assertThat(graph.cycle()).isEmpty();
  }

  /** The interfaces to clients are the highest; Anthropic's and Ollama's translate to OpenAI's. */
  @Test
  void packagesUseOnlyLowerOnes() {
    List<String> shared = List.of("", ".http", ".trace", ".answering", ".model");

    assertThat(graph.upwards("dev.squint.webapp", shared)).isEmpty();
    for (String client : List.of(".ask", ".openai", ".anthropic", ".ollama", ".encode")) {
      assertThat(graph.upwards("dev.squint.webapp", List.of("", ".http", ".model", client)))
          .isEmpty();
    }
  }
}
