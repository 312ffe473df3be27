package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.PackageQuantizer;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.quantize.QuantizedForm;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Janus, whose packages have one graph for pictures and text, and the decoder in two. */
class JanusTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/janus");

  private static VisionLanguageModel model;
  private static MaskedDecoder masked;
  private static Picture wide;

  @BeforeAll
  static void load(@TempDir Path cache) {
    model = LoadedModels.of(PACKAGE);
    masked = new MaskedDecoder(model.model(), cache);
    wide = new PictureReader().read(PACKAGE.resolve("test/wide_300x150.png"));
  }

  @AfterAll
  static void close() {
    masked.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "encoder:divprune(keep=0.3)",
        "encoder:visionzip(keep=0.3)",
        "encoder2:tome(keep=0.5)",
        "patches:uniform-grid(keep=0.4) + layer2:fastv(keep=0.5)",
        "layer1:fastv(keep=0.5) + layer3:pyramiddrop(keep=0.5)",
        "encoder:random(keep=0.6) + cache:streamingllm(keep=0.5)",
      })
  void dropping_givesTheLogitsOfMasks(String plan) {
    MaskComparison.check(model, masked, wide, plan);
  }

  @Test
  void theSameModelInThreeGraphs_answersTheSame(@TempDir Path folder) throws IOException {
    PackageCopy.of(PACKAGE, folder);
    ObjectMapper json = new ObjectMapper();
    Path config = folder.resolve("config.json");
    json.writeValue(
        config.toFile(), ((ObjectNode) json.readTree(config.toFile())).put("model_type", "janus"));
    for (Session session : Session.values()) {
      Path graph = model.model().graph(session);
      Files.copy(graph, folder.resolve("onnx").resolve(session.stem() + ".onnx"));
      String weights = graph.getFileName() + "_squint";
      Files.copy(graph.resolveSibling(weights), folder.resolve("onnx").resolve(weights));
    }
    try (VisionLanguageModel other = VisionLanguageModel.load(folder)) {
      assertThat(answer(other)).isEqualTo(answer(model));
    }
  }

  @Test
  void files_areThoseOfThePackage() {
    ModelPackage files = model.model();

    assertThat(files.files(Session.DECODER).stream().map(files::relative))
        .containsExactly("onnx/language_model.onnx", "onnx/lm_head.onnx");
    assertThat(files.variants()).isEqualTo(Variants.parse("fp32"));
    assertThat(files.forms(Session.VISION_ENCODER)).containsExactly("fp32");
  }

  @Test
  void aFormThatIsMissing_isNamed(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> ModelPackage.read(PACKAGE, Variants.parse("decoder=q4")))
        .hasMessageContaining("no form 'q4' of language_model; it has fp32");
    PackageCopy.of(PACKAGE, folder);
    Files.delete(folder.resolve("onnx/lm_head.onnx"));
    assertThatThrownBy(() -> ModelPackage.read(folder))
        .hasMessageContaining("onnx/lm_head.onnx is missing; there are [onnx/language_model.onnx");
  }

  @Test
  void quantising_isRefusedByName() {
    assertThatThrownBy(
            () -> PackageQuantizer.write(model.model(), Session.DECODER, QuantizedForm.DYNAMIC_8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("onnx/language_model.onnx is not a decoder_model_merged alone");
  }

  private static String answer(VisionLanguageModel asked) {
    return asked.ask(List.of(wide), "Where is it?", AskOptions.DEFAULT.withMaxTokens(12)).text();
  }
}
