package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages for broken packages: one line that names the file. docs/models.md lists them. */
class BrokenPackagesTest {

  private static final Path WHOLE = Path.of("src/test/resources/packages/qwen2-vl");
  private static final Path DOCUMENT = Path.of("../docs/models.md");

  @TempDir Path folder;

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.walk(WHOLE)) {
      for (Path file : files.toList()) {
        Path target = folder.resolve(WHOLE.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  @Test
  void graphIsMissing() throws IOException {
    Files.delete(folder.resolve("onnx/vision_encoder.onnx"));
    assertRefused(
        "onnx/vision_encoder.onnx is missing; there are [onnx/decoder_model_merged.onnx, onnx/embed_tokens.onnx]");
  }

  @Test
  void graphIsCutOff() throws IOException {
    Path graph = folder.resolve("onnx/decoder_model_merged.onnx");
    byte[] bytes = Files.readAllBytes(graph);
    Files.write(graph, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertRefused("decoder_model_merged.onnx is not a graph that ONNX Runtime can run: ");
  }

  @Test
  void familyIsUnknown() throws IOException {
    replace("config.json", "\"qwen2_vl\"", "\"mllama\"");
    replace("preprocessor_config.json", "Qwen2VLProcessor", "MllamaProcessor");
    replace("processor_config.json", "Qwen2VLProcessor", "MllamaProcessor");
    assertRefused(
        "config.json has the model_type 'mllama' and the processor_class is 'MllamaProcessor'; Squint knows [");
  }

  @Test
  void familyIsUnknown_thoughTheProcessorIsOfAKnownOne() throws IOException {
    replace("config.json", "\"qwen2_vl\"", "\"mineru2_qwen\"");
    assertThatThrownBy(() -> VisionLanguageModel.load(folder))
        .hasMessageContaining(
            "config.json has the model_type 'mineru2_qwen' and the processor_class is 'Qwen2VLProcessor'; Squint knows [");
  }

  @Test
  void imageProcessorIsUnknown() throws IOException {
    replace("preprocessor_config.json", "Qwen2VLProcessor", "LlavaProcessor");
    replace("preprocessor_config.json", "Qwen2VLImageProcessor", "Mineru2ImageProcessor");
    assertRefused(
        "preprocessor_config.json has image_processor_type 'Mineru2ImageProcessor' and processor_class 'LlavaProcessor'; supported are [");
  }

  @Test
  void imageProcessorIsOfAnotherFamily() throws IOException {
    replace("preprocessor_config.json", "Qwen2VLImageProcessor", "LlavaNextImageProcessor");
    assertRefused(
        "preprocessor_config.json has image_processor_type 'LlavaNextImageProcessor', which is not one of models of the type 'qwen2_vl'");
  }

  @Test
  void familyThatIsForced_isUsedAndEveryAnswerSaysSo() throws IOException {
    replace("config.json", "\"qwen2_vl\"", "\"mineru2_qwen\"");
    replace("preprocessor_config.json", "Qwen2VLImageProcessor", "Mineru2ImageProcessor");
    try (VisionLanguageModel model =
        VisionLanguageModel.load(folder, LoadOptions.DEFAULT.withFamily("qwen2_vl"))) {
      assertThat(model.ask(List.of(), "Hi", AskOptions.DEFAULT.withMaxTokens(1)).notes())
          .contains(
              "taken for a package of the family 'qwen2_vl' as asked; its model_type is 'mineru2_qwen'");
    }
    assertThatThrownBy(
            () -> VisionLanguageModel.load(folder, LoadOptions.DEFAULT.withFamily("qwen9")))
        .hasMessageContaining("there is no family 'qwen9'; Squint knows [");
  }

  @Test
  void decoderTakesCosinesAndSinesAsInputs() throws IOException {
    Path file = folder.resolve("onnx/decoder_model_merged.onnx");
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getOpType().equals("Cos") || node.getOpType().equals("Sin")) {
        String name = "rotary." + node.getOpType().toLowerCase(Locale.ROOT);
        graph.addInput(floats(name));
        graph.addNode(node.toBuilder().setOpType("Identity").setInput(0, name));
      } else {
        graph.addNode(node);
      }
    }
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    assertRefused(
        "decoder_model_merged.onnx takes cosines and sines of the positions as inputs (rotary.cos, rotary.sin), but Squint gives position_ids; export the decoder so that it computes them itself");
  }

  private static ValueInfoProto floats(String name) {
    TypeProto.Tensor floats = TypeProto.Tensor.newBuilder().setElemType(1).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(floats))
        .build();
  }

  @Test
  void imageTokenIsAnother() throws IOException {
    replace("config.json", "\"image_token_id\": 405", "\"image_token_id\": 17");
    assertRefused(
        "config.json has the image token id 17, but '<|image_pad|>' is 405 in tokenizer.json");
  }

  @Test
  void graphsAreOfTwoModels() throws IOException {
    Files.copy(
        Path.of("src/test/resources/packages/tiled/onnx/embed_tokens.onnx"),
        folder.resolve("onnx/embed_tokens.onnx"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertRefused(
        "embed_tokens.onnx returns inputs_embeds FLOAT [batch_size, sequence_length, 48] but the decoder takes embeddings of 64 values");
  }

  private void replace(String file, String from, String to) throws IOException {
    String text = Files.readString(folder.resolve(file));
    assertThat(text).contains(from);
    Files.writeString(folder.resolve(file), text.replace(from, to));
  }

  private void assertRefused(String line) throws IOException {
    assertThatThrownBy(() -> VisionLanguageModel.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("broken model package %s: %s".formatted(folder, line));
    String documented = Files.readString(DOCUMENT).replace("\\|", "|").replaceAll("\\s+", " ");
    assertThat(documented).contains("`" + line);
  }
}
