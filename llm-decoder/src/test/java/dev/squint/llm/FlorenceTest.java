package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Florence-2: an encoder reads the prompt, and plans act on what it is given. */
class FlorenceTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/florence2");
  private static final ObjectMapper JSON = new ObjectMapper();
  // As in PackageConformanceTest.
  private static final Tolerance LOGIT = Tolerance.relative(1e-4);
  private static final int TOKENS = 64;

  private static VisionLanguageModel model;
  private static JsonNode expected;
  private static Picture wide;

  @BeforeAll
  static void load() throws IOException {
    model = VisionLanguageModel.load(PACKAGE);
    expected = JSON.readTree(PACKAGE.resolve("test/expected.json").toFile());
    wide = new PictureReader().read(PACKAGE.resolve("test/wide_300x150.png"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Answer ask(String question, String plan) {
    return ask(model, question, plan);
  }

  private static Answer ask(VisionLanguageModel asked, String question, String plan) {
    return asked.ask(List.of(wide), question, AskOptions.DEFAULT.withPlan(plan).withMaxTokens(16));
  }

  @Test
  void someTokens_giveWhatTransformersGivesForThem() {
    assertThat(expected.get("pruned")).hasSize(2);
    for (JsonNode one : expected.get("pruned")) {
      Picture picture = new PictureReader().read(PACKAGE.resolve(one.get("picture").asText()));
      int[] kept = one.get("kept").valueStream().mapToInt(JsonNode::asInt).toArray();
      PatchTokens encoded =
          model.encoder().encode(model.tiler().tile(List.of(picture)), model.parts().always());
      PatchTokens tokens = encoded.reduced(TokenReduction.keep(TOKENS, kept));
      List<Message> question =
          List.of(Message.user(List.of(picture), one.get("question").asText()));

      Prompt prompt = model.writer().write(question, tokens);
      PromptEmbeddings embeddings =
          model.writer().embed(prompt, tokens, model.decoder().embeddings());

      Recorded.checkAnswer(model.decoder(), embeddings, one, LOGIT);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "encoder:divprune(keep=0.25) | 16",
        "encoder:cdpruner(keep=0.5) | 32",
        "encoder:tome(keep=0.5) | 32",
        "encoder:random(tokens=5) | 5",
      })
  void plansOnTheEncodersTokens_keepTheirShare_andTheTokenOfTheWholePicture(String plan, int kept) {
    Answer none = ask("<CAPTION>", "none");
    Answer answer = ask("<CAPTION>", plan);

    assertThat(none.keptVisualTokens()).isEqualTo(TOKENS);
    assertThat(answer.keptVisualTokens()).isEqualTo(kept);
    assertThat(answer.promptTokens()).isEqualTo(none.promptTokens() - TOKENS + kept);
    assertThat(answer.completionTokens()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layer1:fastv(keep=0.5) | the decoder attends to what an encoder gives",
        "encoder:random(keep=0.5) + cache:snapkv(keep=0.5) | plans can act before it alone",
        "decoder:skipdecode | plans can act before it alone",
        "encoder:random(keep=0.5) + encoder:in-place | they cannot keep their positions",
        "patches:random(keep=0.5) | use encoder instead of patches",
        "encoder1:tome(keep=0.5) | joins patches between its layers",
      })
  void plansAtOtherPoints_areRefusedByName(String plan, String reason) {
    assertThatThrownBy(() -> ask("<CAPTION>", plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model florence2 cannot follow")
        .hasMessageContaining(reason);
  }

  @Test
  void aMethodThatReadsTheEncodersLayers_isRefusedByName() {
    assertThatThrownBy(() -> ask("<CAPTION>", "encoder:visionzip(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the encoder of florence2 does not provide");
  }

  @Test
  void settingsOfTheRealPackages_areAppliedAsTransformersDoes(@TempDir Path folder)
      throws IOException {
    JsonNode rules = expected.get("rules");
    PackageCopy.of(PACKAGE, folder);
    Path file = folder.resolve("generation_config.json");
    ObjectNode settings = (ObjectNode) JSON.readTree(file.toFile());
    settings.setAll((ObjectNode) rules.get("settings"));
    JSON.writeValue(file.toFile(), settings);
    Picture picture = new PictureReader().read(PACKAGE.resolve(rules.get("picture").asText()));
    RecordedTokens recorded = new RecordedTokens();
    try (VisionLanguageModel ruled = VisionLanguageModel.load(folder)) {
      ruled.ask(
          List.of(picture),
          rules.get("question").asText(),
          recorded.options().withMaxTokens(rules.get("greedy_tokens").size()));
      List<Integer> all = rules.get("greedy_tokens").valueStream().map(JsonNode::asInt).toList();

      assertThat(recorded.tokens()).hasSizeGreaterThan(8);
      assertThat(all).startsWith(recorded.tokens().toArray(Integer[]::new));
      assertThat(all.get(0)).isEqualTo(settings.get("forced_bos_token_id").asInt());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<OD> in the picture", "please <CAPTION>"})
  void aTaskWithMoreWords_isRefused(String question) {
    assertThatThrownBy(() -> ask(question, "none"))
        .hasMessageContaining("must be the whole question");
  }

  @Test
  void locations_areTokensInQuestionsAndAnswers_butEndsAreText() {
    long location = model.writer().tokenizer().id("<loc_7>").orElseThrow();
    long end = model.writer().tokenizer().id("</s>").orElseThrow();
    PatchTokens tokens =
        model.encoder().encode(model.tiler().tile(List.of(wide)), model.parts().always());
    List<Message> question =
        List.of(Message.user(List.of(wide), "<REGION_TO_CATEGORY></s><loc_7>"));

    Prompt prompt = model.writer().write(question, tokens);

    assertThat(prompt.text()).endsWith("What is the region </s><loc_7>?</s>");
    assertThat(prompt.ids()).contains(location).containsOnlyOnce(end);
    assertThat(model.writer().tokenizer().decode(new long[] {end, location, end}))
        .isEqualTo("<loc_7>");
  }

  @Test
  void aPackageWithoutAnImageToken_answersTheSame(@TempDir Path folder) throws IOException {
    PackageCopy.of(PACKAGE, folder);
    for (String name : List.of("config.json", "tokenizer_config.json")) {
      ObjectNode json = (ObjectNode) JSON.readTree(folder.resolve(name).toFile());
      json.remove(List.of("image_token_id", "image_token"));
      JSON.writeValue(folder.resolve(name).toFile(), json);
    }
    try (VisionLanguageModel other = VisionLanguageModel.load(folder)) {
      assertThat(ask(other, "<OCR>", "none").text()).isEqualTo(ask("<OCR>", "none").text());
    }
  }

  @Test
  void questionsAtTheSameTime_answerAsAlone() {
    String alone = ask("<CAPTION>", "none").text();
    String pruned = ask("<OCR>", "encoder:divprune(keep=0.5)").text();
    LoadOptions options = LoadOptions.DEFAULT.withBatching(BatchSettings.of(4));
    try (VisionLanguageModel shared = VisionLanguageModel.load(PACKAGE, options)) {
      CompletableFuture<String> other =
          CompletableFuture.supplyAsync(
              () -> ask(shared, "<OCR>", "encoder:divprune(keep=0.5)").text());
      assertThat(ask(shared, "<CAPTION>", "none").text()).isEqualTo(alone);
      assertThat(other.join()).isEqualTo(pruned);
    }
  }

  @Test
  void theCache_holdsTheEncodersTokensOnce_andGrowsByOneTokenAStep() {
    PatchTokens tokens =
        model.encoder().encode(model.tiler().tile(List.of(wide)), model.parts().always());
    Prompt prompt = model.writer().write(List.of(Message.user(List.of(wide), "<OCR>")), tokens);
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, tokens, model.decoder().embeddings());
    try (DecodingSession session = model.decoder().prefill(PrefillRequest.of(embeddings))) {
      long perToken = model.decoder().cacheBytesPerToken();
      long start = session.cacheBytes();
      assertThat(start).isEqualTo(perToken * (1 + prompt.ids().length));
      session.append(5);
      session.append(6);
      assertThat(session.cacheBytes()).isEqualTo(start + 2 * perToken);
    }
  }

  @Test
  void aPromptBeyondTheEncodersPositions_isRefused() {
    assertThatThrownBy(() -> ask("a ".repeat(80), "none")).isInstanceOf(ContextExceeded.class);
  }
}
