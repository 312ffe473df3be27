package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.PackageGraph;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackagesTest {

  private final PackageGraph graph = PackageGraph.of(TokenSet.class);

  @Test
  void noPackagesUseEachOtherInACircle() {
    assertThat(graph.uses()).containsKeys("dev.squint.pruner", "dev.squint.pruner.plan");
    assertThat(graph.cycle()).isEmpty();
  }

  /** Methods know the tokens and the maths; the catalogue knows the methods. */
  @Test
  void packagesUseOnlyLowerOnes() {
    assertThat(
            graph.upwards(
                "dev.squint.pruner",
                List.of(
                    "",
                    ".maths",
                    ".evidence",
                    ".method.baseline",
                    ".method.cache",
                    ".method.decoder",
                    ".method.depth",
                    ".method.encoder",
                    ".method.frames",
                    ".method.patches",
                    ".method.tiles",
                    ".plan")))
        .isEmpty();
  }
}
