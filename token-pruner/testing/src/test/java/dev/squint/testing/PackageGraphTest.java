package dev.squint.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PackageGraphTest {

  private final PackageGraph graph =
      new PackageGraph(
          Map.of(
              "p.low", Set.of(),
              "p.middle", Set.of("p.low"),
              "p.high", Set.of("p.low", "p.middle"),
              "p.low.extra", Set.of("p.high")));

  @Test
  void aChainHasNoCycle() {
    assertThat(graph.cycle()).isEmpty();
  }

  @Test
  void aCycleIsReportedFromItsFirstPackageOn() {
    PackageGraph round =
        new PackageGraph(
            Map.of("a", Set.of("b"), "b", Set.of("c"), "c", Set.of("d"), "d", Set.of("b")));

    assertThat(round.cycle()).containsExactly("b", "c", "d", "b");
  }

  @Test
  void aUseOfAHigherPackageIsReported() {
    assertThat(graph.upwards("p.", List.of("low", "middle", "high"))).isEmpty();
    assertThat(graph.upwards("p.", List.of("middle", "low", "high")))
        .containsExactly("p.middle -> p.low");
  }

  @Test
  void classFilesAreRead() {
    PackageGraph own = PackageGraph.of(PackageGraph.class);

    assertThat(own.uses()).containsOnlyKeys("dev.squint.testing");
    assertThat(own.uses().get("dev.squint.testing")).isEmpty();
  }
}
