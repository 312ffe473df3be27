package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.List;

/** Where a package's decoder can be cut. */
final class DecoderCuts {

  private DecoderCuts() {}

  /** The layers that a cut can follow: all but the last, and none whose keys later ones share. */
  static List<Integer> of(VisionLanguageModel model) {
    List<Integer> cuts =
        GraphRewriter.layers(model.model().graph(Session.DECODER), GraphKind.DECODER).stream()
            .filter(LayerInfo::cuttable)
            .map(LayerInfo::layer)
            .toList();
    assertThat(cuts).isNotEmpty();
    if (model.model().config().at("/text_config/num_kv_shared_layers").asInt() == 0) {
      assertThat(cuts).hasSize(model.decoder().cachedLayers() - 1);
    }
    return cuts;
  }
}
