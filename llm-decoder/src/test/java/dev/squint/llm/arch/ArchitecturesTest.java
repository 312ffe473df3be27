package dev.squint.llm.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.PackageCopy;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.PackageQuantizer;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real architectures with few and narrow layers, which run in a moment. */
class ArchitecturesTest {

  @TempDir private static Path shared;

  @TempDir private Path cache;

  private final List<String> said = new ArrayList<>();

  private Architectures architectures() {
    return new Architectures(new GraphCache(cache), said::add);
  }

  private Path small(String name) {
    return architectures().folder(name, smallDescription(name));
  }

  /** A copy to change of a package that is made once for all tests. */
  private Path copyOfSmall(String name) throws IOException {
    Path made =
        new Architectures(new GraphCache(shared), progress -> {})
            .folder(name, smallDescription(name));
    Path copy = cache.resolve(name);
    PackageCopy.of(made, copy);
    return copy;
  }

  private static ObjectNode smallDescription(String name) {
    ObjectNode parts = Architectures.description(name);
    ObjectNode config = (ObjectNode) parts.required("config.json");
    ObjectNode text = (ObjectNode) config.required("text_config");
    int sharing =
        text.required("num_attention_heads").intValue()
            / text.required("num_key_value_heads").intValue();
    int heads = 2 * sharing;
    text.put("num_attention_heads", heads).put("num_key_value_heads", 2);
    text.put("num_hidden_layers", 3).put("hidden_size", 16 * heads).put("intermediate_size", 96);
    ((ObjectNode) config.required("vision_config"))
        .put("num_hidden_layers", 2)
        .put("hidden_size", 48)
        .put("num_attention_heads", 4)
        .put("intermediate_size", 64);
    return parts;
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm-256m", "smolvlm-500m", "llava-onevision-0.5b"})
  void answersAndSaysThatItsWeightsAreRandom(String name) throws IOException {
    try (VisionLanguageModel model = VisionLanguageModel.load(small(name))) {
      assertThat(model.model().name()).isEqualTo(name + "-random-weights");
      AskOptions options = AskOptions.DEFAULT.withMaxTokens(3);
      Answer whole = model.ask(List.of(picture()), "What is it?", options);
      Answer half =
          model.ask(
              List.of(picture()),
              "What is it?",
              options.withPlan(PruningPlan.parse("encoder:uniform-grid(keep=0.5)")));
      assertThat(whole.visualTokens()).isEqualTo(name.startsWith("smol") ? 17 * 64 : 729);
      assertThat(half.keptVisualTokens()).isEqualTo(whole.visualTokens() / 2);
      assertThat(whole.completionTokens()).isEqualTo(3);
      assertThat(whole.text()).isNotEmpty();
      assertThat(whole.notes())
          .contains("random weights: for speed only, the answer means nothing");
    }
    assertThat(said).singleElement().asString().contains("random weights", "arch:" + name);
  }

  @Test
  void layersInStagesGiveTheSameLogitsAsTheWhole() throws IOException {
    ModelPackage model = ModelPackage.read(small("llava-onevision-0.5b"));
    Path graph = model.graph(Session.DECODER);
    var cut =
        new GraphRewriter(new GraphCache(cache)).cut(graph, GraphKind.DECODER, CutPlan.after(0, 1));
    assertThat(cut.stages()).hasSize(3);
    SessionSettings settings = SessionSettings.DEFAULT;
    try (StagedDecoder whole =
            new StagedDecoder(embeddings(model), OnnxSession.open(graph, settings));
        StagedDecoder stages = StagedDecoder.open(embeddings(model), cut, settings);
        DecodingSession one = whole.prefill(PrefillRequest.of(prompt(whole.hiddenSize())));
        DecodingSession three = stages.prefill(PrefillRequest.of(prompt(whole.hiddenSize())))) {
      assertThat(one.logits()).hasSize(152_000).doesNotContain(Float.NaN);
      assertThat(three.logits()).isEqualTo(one.logits());
      one.append(151_646);
      three.append(151_646);
      assertThat(three.logits()).isEqualTo(one.logits());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"q8", "q8block", "q4", "vision=q8,decoder=q4"})
  void otherFormsOfTheGraphs_areMadeFromTheFp32Graphs(String names) throws IOException {
    Path folder = copyOfSmall("smolvlm-256m");
    Variants variants = Variants.parse(names);

    PackageQuantizer.complete(folder, variants);

    assertThat(folder.resolve("onnx/decoder_model_merged.onnx")).exists();
    try (VisionLanguageModel model =
        VisionLanguageModel.load(folder, LoadOptions.DEFAULT.withVariants(variants))) {
      Answer answer =
          model.ask(List.of(picture()), "What is it?", AskOptions.DEFAULT.withMaxTokens(3));
      assertThat(answer.completionTokens()).isEqualTo(3);
    }
  }

  @Test
  void promptsOfADecoderInStages_areReusedInEightBits() throws IOException {
    Path folder = copyOfSmall("smolvlm-256m");
    Variants variants = Variants.parse("decoder=q8");
    PackageQuantizer.complete(folder, variants);
    LoadOptions options =
        LoadOptions.DEFAULT
            .withVariants(variants)
            .withPlans(List.of(PruningPlan.parse("layer1:fastv(keep=0.5)")));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder, options)) {
      assertThat(model.decoder().stages()).hasSize(2);
      AskOptions one = AskOptions.DEFAULT.withMaxTokens(1);
      model.ask(List.of(picture()), "What is it?", one);
      Answer second = model.ask(List.of(picture()), "Where is it?", one);

      assertThat(second.notes()).noneMatch(note -> note.contains("not reused"));
      assertThat(second.reusedTokens()).isGreaterThan(second.visualTokens());
    }
  }

  private static TextEmbeddings embeddings(ModelPackage model) {
    return new TextEmbeddings(
        OnnxSession.open(model.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT));
  }

  private static PromptEmbeddings prompt(int size) {
    int tokens = 5;
    FloatBuffer values = DirectBuffers.bytes(4L * tokens * size).asFloatBuffer();
    for (int i = 0; i < values.capacity(); i++) {
      values.put((float) Math.sin(i));
    }
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, tokens), tokens);
  }

  @ParameterizedTest
  @CsvSource({
    "smolvlm-256m, 49280, 576, 30, 9, 3, 1536, 768, 12",
    "smolvlm-500m, 49280, 960, 32, 15, 5, 2560, 768, 12",
    "llava-onevision-0.5b, 152000, 896, 24, 14, 2, 4864, 1152, 26"
  })
  void hasTheSizesOfTheModel(
      String name,
      int vocabulary,
      int hidden,
      int layers,
      int heads,
      int kvHeads,
      int inner,
      int visionWidth,
      int visionLayers)
      throws IOException {
    JsonNode config = Architectures.description(name).required("config.json");
    JsonNode text = config.required("text_config");
    assertThat(
            Stream.of(
                    "vocab_size",
                    "hidden_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    "num_key_value_heads",
                    "intermediate_size")
                .map(key -> text.required(key).intValue()))
        .containsExactly(vocabulary, hidden, layers, heads, kvHeads, inner);
    assertThat(config.requiredAt("/vision_config/hidden_size").intValue()).isEqualTo(visionWidth);
    assertThat(config.requiredAt("/vision_config/num_hidden_layers").intValue())
        .isEqualTo(visionLayers);
    assertThat(Architectures.names()).contains(name);
  }

  @Test
  void isMadeOnceAlsoWhenAskedForByTwoAtOnce() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      Callable<Path> making = () -> small("smolvlm-256m");
      List<Path> folders = new ArrayList<>();
      for (Future<Path> each : two.invokeAll(List.of(making, making))) {
        folders.add(each.get());
      }
      assertThat(folders.get(0)).isEqualTo(folders.get(1));
      long written = Files.getLastModifiedTime(folders.get(0).resolve("config.json")).toMillis();
      said.clear();
      Path again = small("smolvlm-256m");
      assertThat(said).isEmpty();
      assertThat(Files.getLastModifiedTime(again.resolve("config.json")).toMillis())
          .isEqualTo(written);
    } finally {
      two.shutdown();
    }
    try (Stream<Path> left = Files.list(cache.resolve("arch"))) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void refusesAnUnknownName() {
    assertThatThrownBy(() -> architectures().folder("arch:gpt"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no architecture is called 'gpt'; there are"
                + " [arch:smolvlm-256m, arch:smolvlm-500m, arch:llava-onevision-0.5b]");
  }

  private static Picture picture() {
    return new Picture(64, 64, new byte[3 * 64 * 64]);
  }
}
