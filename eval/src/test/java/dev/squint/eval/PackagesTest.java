package dev.squint.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.run.Run;
import dev.squint.testing.PackageGraph;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackagesTest {

  private final PackageGraph graph = PackageGraph.of(Run.class);

  @Test
  void noPackagesUseEachOtherInACircle() {
    assertThat(graph.uses()).containsKeys("dev.squint.eval.run", "dev.squint.eval.cli");
    assertThat(graph.cycle()).isEmpty();
  }

  /** Data, metrics and tasks know no run, a run knows no report, and nothing knows a command. */
  @Test
  void packagesUseOnlyLowerOnes() {
    assertThat(
            graph.upwards(
                "dev.squint.eval",
                List.of(".data", ".metric", ".task", ".run", ".cost", ".report", ".bench", ".cli")))
        .isEmpty();
  }
}
