package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods for pictures in crops, on the family of models that their papers use. */
class LlavaNextPlansTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/llava-next");

  /** Of the same family; several layers of its encoder are projected together. */
  private static final Path GRANITE = Path.of("src/test/resources/packages/granite-vision");

  /** Tokens of a tile. */
  private static final int TILE = 16;

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
        "encoder:globalcom2(keep=0.25)",
        "encoder:globalcom2(keep=0.25, variant=code)",
        "encoder:hired(keep=0.2)",
        "encoder:hired(keep=0.2, variant=code)",
        "tiles:lrs-tiles",
        "tiles:lrs-tiles(crops=1)",
        "layer2:lrs",
        "layer1:lrs(keep=0.5)",
        "tiles:lrs-tiles(crops=1) + layer2:lrs(keep=0.5)",
        "tiles:thumbnail(crops=1) + encoder:globalcom2(keep=0.5)",
        "patches:globalcom2(keep=0.6)",
        "patches:hired(keep=0.6) + layer2:lrs(keep=0.5)",
        "encoder:hired(keep=0.5) + layer2:fastv(keep=0.5)",
      })
  void dropping_givesTheLogitsOfMasks(String plan) {
    MaskComparison.check(model, masked, wide, plan);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encoder:globalcom2(keep=0.25)",
        "encoder:hired(keep=0.2)",
        "tiles:lrs-tiles(crops=1) + layer2:lrs(keep=0.5)",
        "layer1:fastv(keep=0.5) + layer3:pyramiddrop(keep=0.5)",
      })
  void droppingOnGraniteVision_givesTheLogitsOfMasks(String plan, @TempDir Path cache) {
    try (VisionLanguageModel granite = VisionLanguageModel.load(GRANITE);
        MaskedDecoder reference = new MaskedDecoder(granite.model(), cache)) {
      MaskComparison.check(granite, reference, wide, plan);
    }
  }

  @Test
  void globalCom2_keepsExactlyItsShareOfTheGlobalViewAndTheCropsTogether() {
    Answer answer = ask("encoder:globalcom2(keep=0.25)");

    int given = given();
    assertThat(answer.keptVisualTokens()).isEqualTo((int) Math.rint(0.25 * given));
    assertThat(ofGlobalView(answer.reduction(), answer)).isBetween(1L, TILE - 1L);
  }

  @Test
  void hiRed_givesHalfOfTheBudgetToTheGlobalView() {
    Answer answer = ask("encoder:hired(tokens=12)");

    assertThat(answer.keptVisualTokens()).isEqualTo(12);
    assertThat(ofGlobalView(answer.reduction(), answer)).isEqualTo(6L);
  }

  @Test
  void lrs_keepsTheGlobalView() {
    Answer answer = ask("layer2:lrs(keep=0.6)");

    TokenReduction kept = answer.layerReductions().get(0).reduction();
    assertThat(ofGlobalView(kept, answer)).isEqualTo((long) TILE);
    assertThat(kept.after()).isLessThan(given());
  }

  @Test
  void lrsTiles_encodesTheGlobalViewAndOneCrop() {
    Answer answer = ask("tiles:lrs-tiles(crops=1)");

    assertThat(answer.encoding().encodedTiles()).isEqualTo(2);
    assertThat(ofGlobalView(answer.reduction(), answer)).isEqualTo((long) TILE);
  }

  private static Answer ask(String plan) {
    return model.ask(
        List.of(wide), "Where is it?", AskOptions.DEFAULT.withPlan(plan).withMaxTokens(2));
  }

  /** Tokens that stand in the prompt without a plan: padding of the crops does not. */
  private static int given() {
    return ask("none").keptVisualTokens();
  }

  private static long ofGlobalView(TokenReduction reduction, Answer answer) {
    int global =
        IntStream.range(0, answer.tiles().size())
            .filter(tile -> answer.tiles().get(tile).isGlobal())
            .findFirst()
            .orElseThrow();
    int first = answer.tiles().subList(0, global).stream().mapToInt(Tile::tokens).sum();
    return IntStream.of(reduction.kept())
        .filter(token -> token >= first && token < first + TILE)
        .count();
  }
}
