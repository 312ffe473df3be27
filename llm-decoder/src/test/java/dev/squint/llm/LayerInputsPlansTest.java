package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans on decoders whose layers take inputs of their own, and share keys and values. */
class LayerInputsPlansTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  private static Answer ask(String name, String plan) {
    Picture small =
        new PictureReader().read(PACKAGES.resolve(name).resolve("test/small_90x70.png"));
    AskOptions options = AskOptions.DEFAULT.withPlan(plan).withMaxTokens(8);
    return LoadedModels.of(PACKAGES.resolve(name)).ask(List.of(small), "Where is it?", options);
  }

  @ParameterizedTest
  @CsvSource({"gemma3n, 16", "gemma4, 63"})
  void tokensLeave_atEveryPointThatTheModelHas(String name, int tokens) {
    Answer none = ask(name, "none");
    assertThat(none.keptVisualTokens()).isEqualTo(tokens);
    for (String place : List.of("", " + encoder:in-place")) {
      assertThat(ask(name, "encoder:random(keep=0.5)" + place).keptVisualTokens())
          .isEqualTo(Math.round(tokens * 0.5f));
    }
    for (String plan : List.of("layer1:fastv(keep=1.0)", "layer2:fastv(keep=1.0)")) {
      assertThat(ask(name, plan).text()).as(plan).isEqualTo(none.text());
    }
    assertThat(ask(name, "layer2:fastv(keep=0.25)").text()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gemma3n", "gemma4"})
  void cut_thatLaterLayersReachAcross_isRefused(String name) {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    PruningPlan plan = PruningPlan.parse("layer3:fastv(keep=0.5)");

    assertThatThrownBy(() -> model.check(plan))
        .hasMessageContaining(
            "the decoder's graph cannot be cut at 'layer3'; it can at [layer1, layer2]");
  }

  @Test
  void table_thatGivesNoInputsOfLayers_isRefused(@TempDir Path folder) throws IOException {
    PackageCopy.of(PACKAGES.resolve("gemma4"), folder.resolve("gemma4"));
    Path table = folder.resolve("gemma4/onnx/embed_tokens.onnx");
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(table));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph.clearOutput().addOutput(model.getGraph().getOutput(0));
    Files.write(table, model.toBuilder().setGraph(graph).build().toByteArray());

    assertThatThrownBy(() -> VisionLanguageModel.load(folder.resolve("gemma4")))
        .hasMessageContaining(
            "embed_tokens.onnx returns [inputs_embeds] but the decoder takes 'per_layer_inputs'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gemma3n", "gemma4"})
  void patches_cannotBeLeftOut(String name) {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    PruningPlan plan = PruningPlan.parse("patches:random(keep=0.5)");

    assertThatThrownBy(() -> model.check(plan)).hasMessageContaining("patches");
  }
}
