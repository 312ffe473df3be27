package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LayerPruningTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String QUESTION = "What is in the picture?";
  private static VisionLanguageModel llava;
  private static VisionLanguageModel tiled;
  private static Picture small;

  @BeforeAll
  static void load() {
    llava = LoadedModels.of(PACKAGES.resolve("llava"));
    tiled = LoadedModels.of(PACKAGES.resolve("tiled"));
    small = new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));
  }

  @Test
  void fastv_isWhatPyTorchGives() throws IOException {
    JsonNode sample =
        new ObjectMapper()
            .readTree(Files.readString(PACKAGES.resolve("llava/test/expected.json")))
            .get("cases")
            .get(0);
    JsonNode fastv = sample.get("fastv");
    Path picture = PACKAGES.resolve("llava").resolve(sample.get("picture").asText());
    List<Integer> expected = new ArrayList<>();
    fastv.get("greedy_tokens").forEach(token -> expected.add(token.asInt()));

    RecordedTokens recorded = new RecordedTokens();
    Answer answer =
        llava.ask(
            List.of(new PictureReader().read(picture)),
            sample.get("question").asText(),
            recorded
                .options()
                .withMaxTokens(expected.size())
                .withPlan(
                    "layer%d:fastv(tokens=%d)"
                        .formatted(
                            fastv.get("prune_after_layer").asInt() + 1,
                            fastv.get("n_keep").asInt())));

    assertThat(recorded.tokens()).isEqualTo(expected);
    assertThat(answer.layerReductions()).hasSize(1);
    List<Integer> kept = new ArrayList<>();
    fastv.get("kept_visual").forEach(token -> kept.add(token.asInt()));
    assertThat(answer.layerReductions().get(0).reduction().kept())
        .containsExactly(kept.stream().mapToInt(Integer::intValue).toArray());
  }

  @TestFactory
  Stream<DynamicTest> everyMethodBetweenLayers_runsAndMakesDeeperLayersSmaller() {
    return MethodCatalogue.all().methods().stream()
        .filter(method -> method.points().contains(Point.Kind.DECODER))
        .filter(method -> method.training() == Method.Training.FREE)
        .flatMap(
            method ->
                Stream.of(llava, tiled)
                    .filter(model -> can(model, plan(method)))
                    .map(
                        model ->
                            DynamicTest.dynamicTest(
                                model.model().name() + " " + method.name(),
                                () -> runs(model, plan(method)))));
  }

  private static String plan(Method method) {
    String budget =
        switch (method.budgeting()) {
          case EXACT, AT_MOST -> "(keep=0.5)";
          case EITHER -> "(keep=0.25)";
          case ADAPTIVE -> "(keep=0.1..0.6)";
          default -> throw new IllegalArgumentException(method.name());
        };
    return "layer2:" + method.name() + (method.name().equals("none") ? "" : budget);
  }

  private static boolean can(VisionLanguageModel model, String plan) {
    try {
      model.check(PruningPlan.parse(plan));
      return true;
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("which the encoder of");
      return false;
    }
  }

  private static void runs(VisionLanguageModel model, String plan) {
    Answer answer = ask(model, plan);
    StageRun last = answer.prefillRuns().get(answer.prefillRuns().size() - 1);
    TokensLeft left =
        new TokensLeft(
            answer.layerReductions().get(0).reduction().after(), answer.visualTokens(last));

    assertThat(left.ofMap()).isEqualTo(left.ofStage());
    assertThat(last.endLayer()).isEqualTo(4);
    if (plan.contains("none")) {
      assertThat(left.ofStage()).isEqualTo(answer.visualTokens());
    } else {
      assertThat(left.ofStage()).isBetween(1, (int) Math.rint(0.6 * answer.visualTokens()));
    }
    assertThat(answer.completionTokens()).isEqualTo(4);
    assertThat(answer.kvBytes()).isEqualTo(cacheBytes(model, answer));
  }

  /** The last run of each layer and what was decoded since. */
  private static long cacheBytes(VisionLanguageModel model, Answer answer) {
    long perLayer = model.decoder().cacheBytesPerToken() / 4;
    long bytes = 0;
    for (int layer = 0; layer < 4; layer++) {
      int tokens = 0;
      for (StageRun run : answer.prefillRuns()) {
        if (run.firstLayer() <= layer && layer < run.endLayer()) {
          tokens = run.tokens();
        }
      }
      bytes += perLayer * (tokens + answer.completionTokens() - 1);
    }
    return bytes;
  }

  private record TokensLeft(int ofMap, int ofStage) {}

  @Test
  void keepAll_isNoPlanTokenForToken() {
    for (VisionLanguageModel model : List.of(llava, tiled)) {
      List<Integer> expected = tokens(model, "none");
      for (String plan :
          List.of(
              "layer1:fastv(keep=1.0)",
              "layer2:pyramiddrop(keep=1.0) + layer3:adaptinfer(keep=1.0)",
              "layer1:random(keep=1.0) + layer2:sparsevlm(keep=1.0, recycle=true)",
              "layer3:gemfilter(keep=1.0)")) {
        assertThat(tokens(model, plan)).as(plan).isEqualTo(expected);
      }
    }
  }

  @Test
  void allPointsTogether_tellWhereEachTokenLeft() {
    Answer answer =
        ask(
            tiled,
            "encoder:cls-attention(keep=0.5) + layer1:fastv(tokens=60) + layer2:pyramiddrop(tokens=30)"
                + " + layer3:adaptinfer(tokens=10)");

    assertThat(answer.keptVisualTokens()).isEqualTo(90);
    assertThat(answer.prefillRuns().stream().map(answer::visualTokens))
        .containsExactly(90, 60, 30, 10);
    assertThat(answer.layerReductions().stream().map(left -> left.point().toString()))
        .containsExactly("layer1", "layer2", "layer3");
    for (LayerReduction reduction : answer.layerReductions()) {
      assertThat(reduction.reduction().before()).isEqualTo(answer.reduction().before());
    }
    assertThat(answer.reduction().kept())
        .contains(answer.layerReductions().get(0).reduction().kept());
    assertThat(answer.layerReductions().get(0).reduction().kept())
        .contains(answer.layerReductions().get(2).reduction().kept());
  }

  @Test
  void reports_tellPointsInOrderAndScoresOfTheTokensThatWereLeft() {
    List<PointReport> reports = new ArrayList<>();
    String plan =
        "encoder:cls-attention(keep=0.5) + layer1:fastv(tokens=60) + layer2:average-pool(tokens=30)";
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan);
    Answer answer = tiled.ask(List.of(small), QUESTION, options.reportingTo(reports::add));

    assertThat(reports.stream().map(report -> report.point().toString()))
        .containsExactly("encoder", "layer1", "layer2");
    assertThat(reports.get(0).reduction().kept()).isEqualTo(answer.reduction().kept());
    assertThat(reports.get(1).reduction().kept())
        .isEqualTo(answer.layerReductions().get(0).reduction().kept());
    float[] first = reports.get(0).scores().orElseThrow();
    float[] second = reports.get(1).scores().orElseThrow();
    assertThat(first).hasSize(answer.reduction().before()).doesNotContain(Float.NaN);
    int[] left = reports.get(0).reduction().target();
    for (int i = 0; i < second.length; i++) {
      assertThat(Float.isNaN(second[i])).isEqualTo(left[i] < 0);
    }
    assertThat(reports.get(2).scores()).as("pooling scores no token").isEmpty();
  }

  @Test
  void gemfilter_isTheShortPromptWithTheTokensThatItFound() {
    Answer short1 = ask(llava, "layer2:gemfilter(tokens=20)");

    assertThat(short1.prefillRuns().stream().map(StageRun::endLayer)).containsExactly(2, 4);
    assertThat(short1.prefillRuns().stream().map(short1::visualTokens)).containsExactly(64, 20);
    assertThat(short1.kvBytes())
        .isEqualTo((short1.promptTokens() - 44 + 3) * llava.decoder().cacheBytesPerToken());
  }

  @Test
  void merging_changesTheHiddenStatesThatGoOn() {
    assertThat(tokens(llava, "layer2:average-pool(tokens=16)"))
        .isNotEqualTo(tokens(llava, "layer2:uniform-grid(tokens=16)"));
  }

  @Test
  void plansBeyondTheDecoder_areRefusedWithItsLayers() {
    assertThatThrownBy(() -> ask(llava, "layer4:random(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "the decoder has 4 layers, so a plan can act at layer1 to layer3, not at 'layer4'");
  }

  @Test
  void aPlanThatIsRefusedWhenTheModelIsLoaded_isNotTakenForABrokenPackage() {
    LoadOptions options =
        LoadOptions.DEFAULT.withPlans(List.of(PruningPlan.parse("layer9:fastv(keep=0.5)")));
    assertThatThrownBy(() -> VisionLanguageModel.load(PACKAGES.resolve("llava"), options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the model cannot follow 'layer9:fastv(keep=0.5)': the decoder has 4 layers, so a plan can act at layer1 to layer3, not at 'layer9'");
  }

  @Test
  void fixedCuts_refuseOtherPlaces() {
    LoadOptions options = LoadOptions.DEFAULT.withCuts(Cuts.parse("1,3"));
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGES.resolve("llava"), options)) {
      assertThat(model.decoder().stages()).hasSize(3);
      assertThat(ask(model, "layer3:fastv(keep=0.5)").completionTokens()).isEqualTo(4);
      assertThat(model.decoder().stages()).hasSize(3);
      assertThatThrownBy(() -> ask(model, "layer2:fastv(keep=0.5)"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith(
              "the decoder is cut at '1,3', not at 'layer2'; load it with other cuts");
    }
    try (VisionLanguageModel model =
        VisionLanguageModel.load(
            PACKAGES.resolve("llava"), LoadOptions.DEFAULT.withCuts(Cuts.NONE))) {
      assertThatThrownBy(() -> ask(model, "layer2:fastv(keep=0.5)"))
          .hasMessageContaining("the decoder is cut at 'none'");
    }
  }

  @Test
  void cutsAreMadeForThePlansThatAreNamed() {
    LoadOptions options =
        LoadOptions.DEFAULT.withPlans(List.of(PruningPlan.parse("layer2:fastv(keep=0.5)")));
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGES.resolve("llava"), options)) {
      assertThat(model.decoder().stages()).hasSize(2);
      assertThat(tokens(model, "none")).isEqualTo(tokens(llava, "none"));
    }
  }

  private static Answer ask(VisionLanguageModel model, String plan) {
    return model.ask(List.of(small), QUESTION, AskOptions.DEFAULT.withMaxTokens(4).withPlan(plan));
  }

  private static List<Integer> tokens(VisionLanguageModel model, String plan) {
    RecordedTokens recorded = new RecordedTokens();
    model.ask(List.of(small), QUESTION, recorded.options().withMaxTokens(16).withPlan(plan));
    return recorded.tokens();
  }
}
