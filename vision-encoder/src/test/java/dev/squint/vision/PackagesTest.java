package dev.squint.vision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.PackageGraph;
import dev.squint.vision.encoder.VisionEncoder;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackagesTest {

  private final PackageGraph graph = PackageGraph.of(VisionEncoder.class);

  @Test
  void noPackagesUseEachOtherInACircle() {
    assertThat(graph.uses()).containsKeys("dev.squint.vision.picture", "dev.squint.vision.encoder");
    assertThat(graph.cycle()).isEmpty();
  }

  /** The order in which a picture becomes tokens, and the graphs apart from pictures. */
  @Test
  void packagesUseOnlyLowerOnes() {
    List<String> pictures = List.of(".format", ".picture", ".tile", ".video");
    List<String> graphs = List.of(".onnx.proto", ".onnx", ".onnx.graph", ".onnx.quantize");

    assertThat(graph.upwards("dev.squint.vision", pictures)).isEmpty();
    assertThat(graph.upwards("dev.squint.vision", graphs)).isEmpty();
    assertThat(graph.uses().get("dev.squint.vision.onnx.graph"))
        .allMatch(used -> used.matches("dev\\.squint\\.vision\\.(onnx|io)(\\..*)?"));
  }
}
