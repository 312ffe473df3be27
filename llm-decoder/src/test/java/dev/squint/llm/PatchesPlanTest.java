package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans at the point {@code patches}: groups of patches that are never encoded. */
class PatchesPlanTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String QUESTION = "What is in the picture?";

  static List<String> packages() {
    return List.of(
        "smolvlm2",
        "llava",
        "llava-next",
        "internvl",
        "janus",
        "phi3-v",
        "llava-onevision-anyres",
        "paligemma",
        "gemma3",
        "qwen2-vl",
        "qwen2.5-vl",
        "qwen3-vl",
        "qwen3.5",
        "glm-ocr",
        "tiled");
  }

  private static VisionLanguageModel model(String name) {
    return LoadedModels.of(PACKAGES.resolve(name));
  }

  private static Picture picture(String name) {
    return new PictureReader().read(PACKAGES.resolve("llava/test").resolve(name));
  }

  private static Answer ask(VisionLanguageModel model, String plan) {
    return ask(model, List.of(picture("wide_300x150.png")), plan);
  }

  private static Answer ask(VisionLanguageModel model, List<Picture> pictures, String plan) {
    return model.ask(pictures, QUESTION, AskOptions.DEFAULT.withPlan(plan).withMaxTokens(12));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void keepingAll_isNoPlan_tokenForToken(String name) {
    Answer none = ask(model(name), "none");
    Answer all = ask(model(name), "patches:random(keep=1.0)");

    assertThat(all.text()).isEqualTo(none.text());
    assertThat(all.completionTokens()).isEqualTo(none.completionTokens());
    assertThat(all.promptTokens()).isEqualTo(none.promptTokens());
    assertThat(all.encoding()).isEqualTo(none.encoding());
    assertThat(all.reduction().kept()).isEqualTo(none.reduction().kept());
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aShare_isEncodedAndAnswered(String name) {
    Answer none = ask(model(name), "none");
    Answer half = ask(model(name), "patches:uniform-grid(keep=0.5)");

    int kept = (int) Math.rint(0.5 * none.encoding().encodedTokens());
    assertThat(half.encoding().encodedTokens()).isEqualTo(kept);
    assertThat(half.encoding().visualTokens()).isEqualTo(none.visualTokens());
    assertThat(half.tiles()).isEqualTo(none.tiles());
    // What stands in the prompt may be less: padding of a grid of crops is not written.
    assertThat(half.keptVisualTokens()).isBetween(1, kept);
    assertThat(half.promptTokens()).isLessThan(none.promptTokens());
    assertThat(half.completionTokens()).isEqualTo(12);
  }

  @Test
  void tokensThatWereEncoded_areAtTheirPlaces() {
    Answer answer = ask(model("llava"), "patches:uniform-grid(tokens=4)");

    // The middles of four squares of 4 x 4 tokens.
    assertThat(answer.reduction().kept()).containsExactly(9, 13, 41, 45);
  }

  @Test
  void twoQuestions_encodeOnce() {
    VisionLanguageModel model = model("tiled");
    ask(model, "patches:random(keep=0.3, seed=8)");

    Answer again = ask(model, "patches:random(keep=0.3, seed=8)");

    assertThat(again.timings().cachedEncodeMillis()).isPositive();
    assertThat(ask(model, "patches:random(keep=0.3, seed=9)").timings().cachedEncodeMillis())
        .isZero();
  }

  @Test
  void promptReuse_saysTheSame() {
    VisionLanguageModel model = model("smolvlm2");
    String plan = "patches:random(keep=0.4, seed=3)";
    Answer first = ask(model, plan);
    Answer reused = ask(model, plan);
    Answer whole =
        model.ask(
            List.of(picture("wide_300x150.png")),
            QUESTION,
            AskOptions.DEFAULT.withPlan(plan).withMaxTokens(12).withPromptReuse(false));

    assertThat(reused.reusedTokens()).isPositive();
    assertThat(reused.text()).isEqualTo(first.text()).isEqualTo(whole.text());
    // All groups are another prompt, of which only the text before the picture is the same.
    assertThat(ask(model, "none").text()).isEqualTo(ask(model, "patches:random(keep=1.0)").text());
  }

  @Test
  void laterPoints_reduceWhatWasEncoded() {
    Answer answer =
        ask(
            model("tiled"),
            "tiles:random(crops=2) + patches:random(keep=0.5) + encoder:random(keep=0.5)"
                + " + layer2:random(keep=0.5) + cache:snapkv(keep=0.5, window=4)");

    // Two of the crops and the global view, of 36 tokens each.
    assertThat(answer.encoding().encodedTokens()).isEqualTo(54);
    assertThat(answer.keptVisualTokens()).isEqualTo(27);
    TokenReduction last = answer.layerReductions().get(0).reduction();
    assertThat(last.after()).isBetween(13, 14);
  }

  @Test
  void reportedPoints_sayWhatWasNotEncoded() {
    List<PointReport> reports = new ArrayList<>();
    Answer answer =
        model("llava")
            .ask(
                List.of(picture("wide_300x150.png")),
                QUESTION,
                AskOptions.DEFAULT
                    .withPlan("patches:uniform-grid(tokens=16)")
                    .withMaxTokens(1)
                    .reportingTo(reports::add));

    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).point()).hasToString("patches");
    assertThat(reports.get(0).reduction().kept()).isEqualTo(answer.reduction().kept()).hasSize(16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava", "smolvlm2", "tiled"})
  void aFirstLook_encodesTheBudget_inReadingOrder(String name) {
    Answer none = ask(model(name), "none");
    Answer half = ask(model(name), "patches:glance(first=0.25, keep=0.5)");

    assertThat(half.encoding().encodedTokens()).isEqualTo(none.encoding().encodedTokens() / 2);
    assertThat(half.encoding().encodedTiles()).isEqualTo(none.encoding().encodedTiles());
    assertThat(half.reduction().kept()).isSorted().hasSize(none.visualTokens() / 2);
    Answer all = ask(model(name), "patches:glance(keep=1.0)");
    assertThat(all.text()).isEqualTo(none.text());
    assertThat(all.encoding()).isEqualTo(none.encoding());
    assertThat(ask(model(name), "patches:glance(keep=0.3, guide=words)").completionTokens())
        .isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"globalcom2", "hired", "text", "cdpruner"})
  void theGlobalViewGuides_andStaysWhole(String method) {
    Answer answer = ask(model("tiled"), "patches:%s(tokens=60)".formatted(method));

    // The global view's 36 tokens, and 24 of the crops'.
    assertThat(answer.encoding().encodedTokens()).isEqualTo(60);
    int[] kept = answer.reduction().kept();
    int global =
        IntStream.range(0, answer.tiles().size())
            .filter(tile -> answer.tiles().get(tile).isGlobal())
            .findFirst()
            .orElseThrow();
    assertThat(IntStream.of(kept).filter(token -> token / 36 == global)).hasSize(36);
    assertThat(kept).hasSize(60);
  }

  @Test
  void lessThanTheGlobalView_encodesTheViewAlone() {
    Answer answer = ask(model("tiled"), "patches:globalcom2(tokens=10)");

    assertThat(answer.encoding().encodedTiles()).isEqualTo(1);
    assertThat(answer.encoding().encodedTokens()).isEqualTo(36);
    assertThat(answer.keptVisualTokens()).isEqualTo(10);
  }

  @Test
  void methodsByPixels_decideThemselves() {
    // White, and blue in its right half.
    byte[] rgb = new byte[3 * 128 * 128];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3 % 128 < 64 || i % 3 == 2 ? 255 : 0);
    }
    Picture plain = new Picture(128, 128, rgb);
    VisionLanguageModel model = model("smolvlm2");
    int all = ask(model, List.of(plain), "none").encoding().encodedTokens();

    for (String method : List.of("pixelprune", "plain", "duplicates", "static")) {
      Answer answer = ask(model, List.of(plain), "patches:" + method);
      boolean ofClips = method.equals("static");
      assertThat(answer.encoding().encodedTokens())
          .as(method)
          .isBetween(1, ofClips ? all : all / 2);
    }
  }

  @Test
  void twoPictures_ofWhichOneKeepsNothing() {
    Picture small = picture("small_90x70.png");
    Answer answer =
        ask(
            model("llava"),
            List.of(small, picture("wide_300x150.png")),
            "patches:random(tokens=1)");

    assertThat(answer.encoding().encodedTiles()).isEqualTo(1);
    assertThat(answer.keptVisualTokens()).isEqualTo(1);
    assertThat(IntStream.of(answer.reduction().kept())).allMatch(token -> token < 128);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mistral3", "pixtral", "lighton-ocr"})
  void encodersThatRotateByPlace_areRefusedByName_beforeAnythingRuns(String name) {
    for (String plan : List.of("patches:random(keep=0.5)", "encoder1:tome(keep=0.5)")) {
      assertThatThrownBy(() -> ask(model(name), plan))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("gives each patch its place inside the layers");
    }
  }

  @Test
  void encoderOfWhichSeveralLayersAreProjected_isRefusedByName_beforeAnythingRuns() {
    assertThatThrownBy(() -> ask(model("granite-vision"), "patches:random(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model granite-vision")
        .hasMessageContaining(
            "vision_encoder.onnx cannot be given some of its patches: behind layer")
        .hasMessageContaining("as where the hidden states of several layers are read")
        .hasMessageEndingWith("; use tiles or encoder instead of patches");
    assertThatThrownBy(() -> ask(model("granite-vision"), "encoder1:tome(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "vision_encoder.onnx cannot merge or drop tokens between its layers: behind layer")
        .hasMessageEndingWith("; act behind its last layer, at 'encoder'");
  }

  @Test
  void convolutionalEncoders_areRefusedByName_beforeAnythingRuns() {
    assertThatThrownBy(() -> ask(model("fastvlm"), "patches:random(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model fastvlm")
        .hasMessageContaining("instead of patches");
  }
}
