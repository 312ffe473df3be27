package dev.squint.llm.decoder.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.decoder.DynamicRounding;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether prompts of a decoder can be run in parts, with and without dynamic quantization. */
class PrefixProbeTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  static Stream<String> packages() throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("onnx/decoder_model_merged.onnx")))
          // An encoder reads the prompt there, so it is never in parts or in a batch.
          .filter(folder -> Files.notExists(folder.resolve("onnx/encoder_model.onnx")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  private static String expected(String name) {
    return switch (name) {
      case "paligemma", "gemma3-types" -> "tokens of a prompt attend to later ones";
      case "qwen3.5", "lfm2-vl" -> "the decoder keeps states that are not rows of tokens";
      default -> "none";
    };
  }

  @ParameterizedTest
  @MethodSource("packages")
  void attentionDecides(String name) {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));

    assertThat(obstacle(files, files.graph(Session.DECODER))).isEqualTo(expected(name));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void attentionDecides_alsoWhereTokensChangeEachOthersRounding(String name, @TempDir Path folder)
      throws IOException {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));
    Path graph = DynamicRounding.of(files.graph(Session.DECODER), folder.resolve("decoder.onnx"));

    assertThat(obstacle(files, graph)).isEqualTo(expected(name));
  }

  private static String obstacle(ModelPackage files, Path graph) {
    OnnxSession table =
        OnnxSession.open(files.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT);
    try (StagedDecoder decoder =
        StagedDecoder.open(new TextEmbeddings(table), graph, SessionSettings.DEFAULT)) {
      return decoder.prefixCache(1000).tried().orElse("none");
    }
  }
}
