package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.chat.Message;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Phi-3.5-vision, whose encoder takes a picture with all its crops at once. */
class Phi3VisionTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/phi3-v");

  /** Tokens in a row of a tile, and tokens of a tile. */
  private static final int SIDE = 4;

  private static final int TILE = SIDE * SIDE;

  private static VisionLanguageModel model;
  private static MaskedDecoder masked;
  private static Picture wide;

  @BeforeAll
  static void load(@TempDir Path cache) {
    System.setProperty("squint.cache", cache.toString());
    model = VisionLanguageModel.load(PACKAGE);
    masked = new MaskedDecoder(model.model(), cache);
    wide = new PictureReader().read(PACKAGE.resolve("test/wide_300x150.png"));
  }

  @AfterAll
  static void close() {
    masked.close();
    model.close();
    System.clearProperty("squint.cache");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "encoder:divprune(keep=0.3)",
        "encoder:globalcom2(keep=0.25)",
        "encoder:hired(keep=0.2)",
        "encoder2:tome(keep=0.5)",
        "tiles:thumbnail(crops=1) + encoder:globalcom2(keep=0.5)",
        "patches:globalcom2(keep=0.6) + layer2:fastv(keep=0.5)",
        "layer1:fastv(keep=0.5) + layer3:pyramiddrop(keep=0.5)",
        "encoder:random(keep=0.6) + cache:streamingllm(keep=0.5)",
      })
  void dropping_givesTheLogitsOfMasks(String plan) {
    MaskComparison.check(model, masked, wide, plan);
  }

  @Test
  void layersThatLaterTokensPassBy_areFreed() {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(12);
    Answer whole = model.ask(List.of(wide), "Where is it?", options);
    Answer part =
        model.ask(List.of(wide), "Where is it?", options.withPlan("decoder:skipdecode(answer=8)"));

    assertThat(part.kvBytes()).isLessThan(whole.kvBytes());
  }

  @Test
  void aPictureInThePrompt_isCropsThenTheSeparatorThenTheGlobalView() {
    PatchTokens tokens = encoded();
    Prompt prompt = prompt(tokens);

    // Two crops side by side, and the global view, which is the first tile.
    assertThat(tokens.size()).isEqualTo(3 * TILE);
    assertThat(prompt.lineBreaks()).hasSize(2 * SIDE + 1);
    assertThat(prompt.vectors()).containsExactly(0, 0, 0, 0, 1, 0, 0, 0, 0);
    int first = prompt.visual()[TILE];
    assertThat(prompt.visual()[2 * TILE]).isEqualTo(first + SIDE);
    assertThat(prompt.lineBreaks()[0]).isEqualTo(first + 2 * SIDE);
    assertThat(prompt.visual()[0]).isEqualTo(first + SIDE * (2 * SIDE + 1) + 1);
  }

  @Test
  void rowsThatLostAllTokens_areNotEnded_andAGlobalViewWithoutTokensHasNoSeparator() {
    PatchTokens tokens = encoded();
    int[] global = IntStream.range(0, TILE).toArray();
    int[] rowOfACrop = IntStream.range(TILE + SIDE, TILE + 2 * SIDE).toArray();

    assertThat(prompt(only(tokens, global)).vectors()).containsExactly(1, 0, 0, 0, 0);
    assertThat(prompt(only(tokens, rowOfACrop)).vectors()).containsExactly(0);
  }

  @Test
  void thePlaceholderOfTheOriginal_isTextWhereAUserWritesIt() {
    PatchTokens tokens = encoded();
    String typed = "What does <|image_1|> and <|image|> mean?";
    Prompt prompt = model.writer().write(List.of(Message.user(List.of(wide), typed)), tokens);

    long image = prompt.ids()[prompt.visual()[0]];
    assertThat(IntStream.range(0, prompt.ids().length).filter(i -> prompt.ids()[i] == image))
        .hasSize(3 * TILE + 2 * SIDE + 1);
    assertThat(prompt.text()).contains(typed);
  }

  @Test
  void aTileAlone_hasTheFeaturesThatItHasAmongOthers() {
    PatchTokens all = encoded();
    PatchTokens alone =
        model.encoder().encode(List.of(model.tiler().tile(List.of(wide)).get(0).only(2)), Set.of());

    assertThat(alone.features().data())
        .usingComparatorWithPrecision(1e-5f)
        .containsExactly(
            only(all, IntStream.range(2 * TILE, 3 * TILE).toArray()).features().data());
  }

  @Test
  void files_areThoseOfThePackage() {
    ModelPackage files = model.model();

    assertThat(files.files(Session.DECODER).stream().map(files::relative))
        .containsExactly("onnx/model.onnx");
    assertThat(files.files(Session.EMBED_TOKENS).stream().map(files::relative))
        .containsExactly("onnx/prepare_inputs_embeds.onnx");
    assertThat(files.variants()).isEqualTo(Variants.parse("fp32"));
  }

  @Test
  void aNumberOfTokensThatIsNoSquare_isRefused(@TempDir Path folder) throws IOException {
    PackageCopy.of(PACKAGE, folder);
    setTokens(folder, 15);

    assertThatThrownBy(() -> ModelPackage.read(folder))
        .hasMessageContaining("num_img_tokens 15; it must be a square");
  }

  @Test
  void aNumberOfTokensThatTheGraphDoesNotGive_isRefused(@TempDir Path folder) throws IOException {
    PackageCopy.of(PACKAGE, folder);
    setTokens(folder, 25);

    assertThatThrownBy(() -> VisionLanguageModel.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("check num_img_tokens of preprocessor_config.json");
  }

  @Test
  void aPictureThatIsTooNarrow_isRefusedByItsSize() {
    assertThatThrownBy(() -> model.tiler().tile(List.of(new Picture(2000, 1, new byte[6000]))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2000 x 1 pixels is too narrow")
        .hasMessageContaining("at most 1344 times");
    assertThatThrownBy(() -> model.tiler().tile(List.of(new Picture(1, 2000, new byte[6000]))))
        .hasMessageContaining("1 x 2000 pixels is too narrow");
  }

  private static void setTokens(Path folder, int tokens) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path config = folder.resolve("preprocessor_config.json");
    json.writeValue(
        config.toFile(),
        ((ObjectNode) json.readTree(config.toFile())).put("num_img_tokens", tokens));
  }

  private static PatchTokens encoded() {
    return model.encoder().encode(model.tiler().tile(List.of(wide)), Set.of());
  }

  private static PatchTokens only(PatchTokens tokens, int... kept) {
    return tokens.reduced(TokenReduction.keep(tokens.size(), kept));
  }

  private static Prompt prompt(PatchTokens tokens) {
    return model.writer().write(List.of(Message.user(List.of(wide), "Where is it?")), tokens);
  }
}
