package dev.squint.llm.decoder.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.decoder.DynamicRounding;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether sequences of a decoder can decode together, with and without dynamic quantization. */
class BatchProbeTest {

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

  private static BatchTrial.Result expected(String name, BatchTrial.Result otherwise) {
    return switch (name) {
      // The first computes the lengths of all rows from the width of the mask; the second has none.
      case "gemma3-fused", "gemma3n" ->
          BatchTrial.Result.cannot("the decoder's graph takes sequences of one length only");
      case "qwen3.5", "lfm2-vl" ->
          BatchTrial.Result.cannot("the decoder keeps states that are not rows of tokens");
      default -> otherwise;
    };
  }

  @ParameterizedTest
  @MethodSource("packages")
  void logitsDecide(String name) {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));

    assertThat(probed(files, files.graph(Session.DECODER)))
        .isEqualTo(expected(name, BatchTrial.Result.EXACT));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void logitsDecide_alsoWhereSequencesChangeEachOthersRounding(String name, @TempDir Path folder)
      throws IOException {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));
    Path graph = DynamicRounding.of(files.graph(Session.DECODER), folder.resolve("decoder.onnx"));

    assertThat(probed(files, graph)).isEqualTo(expected(name, BatchTrial.Result.INEXACT));
  }

  private static BatchTrial.Result probed(ModelPackage files, Path graph) {
    OnnxSession session = OnnxSession.open(graph, SessionSettings.DEFAULT);
    OnnxSession table =
        OnnxSession.open(files.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT);
    try (TextEmbeddings embeddings = new TextEmbeddings(table);
        DecoderStage stage = new DecoderStage(session, CacheInPlace.isPossible(graph))) {
      return BatchProbe.of(embeddings, List.of(stage));
    }
  }
}
