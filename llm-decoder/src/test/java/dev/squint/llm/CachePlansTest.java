package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CachePlansTest {
  // Two graphs of the same model, one with fused attention. Measured: 1.2e-6 of the scale with
  // AVX2.
  private static final Tolerance LOGITS = Tolerance.relative(2e-5);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static VisionLanguageModel llava;
  private static VisionLanguageModel tiled;
  private static Picture small;

  @BeforeAll
  static void load() {
    llava = LoadedModels.of(PACKAGES.resolve("llava"));
    tiled = LoadedModels.of(PACKAGES.resolve("tiled"));
    small = new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));
  }

  @TestFactory
  Stream<DynamicTest> everyPolicy_holdsFewerBytesAndAnswers() {
    return MethodCatalogue.all().at(Point.Kind.CACHE).stream()
        .filter(method -> !method.name().equals("mustdrop-cache"))
        .flatMap(
            method ->
                Stream.of(llava, tiled)
                    .map(
                        model ->
                            DynamicTest.dynamicTest(
                                model.model().name() + " " + method.name(),
                                () -> holdsFewer(model, plan(method)))));
  }

  private static String plan(Method method) {
    return switch (method.name()) {
      case "zipvl" -> "cache:zipvl(mass=0.5)";
      case "think" -> "cache:think(keep=0.25, recent=8)";
      case "gear" -> "cache:gear(group=8)";
      case "quantised" -> "cache:quantised";
      default -> "cache:" + method.name() + "(keep=0.5)";
    };
  }

  private static void holdsFewer(VisionLanguageModel model, String plan) {
    Run whole = run(model, "none");
    Run part = run(model, plan);

    // The first token comes from the prefill, which the cache does not change.
    assertThat(part.tokens.get(0)).isEqualTo(whole.tokens.get(0));
    assertThat(part.logits.get(0)).isEqualTo(whole.logits.get(0));
    assertThat(part.answer.kvBytes()).isLessThan(whole.answer.kvBytes() * 3 / 4 + 1);
    assertThat(part.answer.completionTokens()).isEqualTo(24);
  }

  @Test
  void evictionKeepsExactlyTheBudget_alsoWhileDecoding() {
    for (String policy : List.of("h2o", "streamingllm")) {
      Answer answer = run(llava, "cache:%s(tokens=40)".formatted(policy)).answer;
      assertThat(answer.kvBytes()).isEqualTo(40 * llava.decoder().cacheBytesPerToken());
    }
    Answer once = run(llava, "cache:snapkv(tokens=40)").answer;
    assertThat(once.kvBytes()).isEqualTo((40 + 23) * llava.decoder().cacheBytesPerToken());
  }

  @Test
  void aBudgetOfEverything_isNoPlanTokenForToken() {
    for (VisionLanguageModel model : List.of(llava, tiled)) {
      List<Integer> expected = run(model, "none").tokens;
      for (String plan :
          List.of(
              "cache:snapkv(keep=1.0)",
              "cache:lookm(keep=1.0)",
              "cache:think(keep=1.0)",
              "cache:zipvl(mass=1.0)",
              "cache:h2o(tokens=4000)",
              "cache:streamingllm(tokens=4000)")) {
        assertThat(run(model, plan).tokens).as(plan).isEqualTo(expected);
      }
    }
  }

  @Test
  void eightBits_areNearTheWhole_andFourTakeHalfOfThem() {
    Run whole = run(tiled, "none");
    Run eight = run(tiled, "cache:quantised(bits=8)");
    Run four = run(tiled, "cache:quantised(bits=4)");

    assertThat(distance(whole, eight)).isPositive().isLessThan(distance(whole, four));
    assertThat(eight.answer.kvBytes()).isLessThan(whole.answer.kvBytes() * 2 / 5);
    assertThat(four.answer.kvBytes()).isLessThan(eight.answer.kvBytes() * 4 / 5);
  }

  private static double distance(Run one, Run other) {
    double most = 0;
    for (int i = 0; i < one.logits.get(1).length; i++) {
      most = Math.max(most, Math.abs(one.logits.get(1)[i] - other.logits.get(1)[i]));
    }
    return most;
  }

  @Test
  void zipvl_keepsAnotherNumberInEachLayer() {
    Answer answer = run(tiled, "cache:zipvl(mass=0.6)").answer;

    assertThat(tiled.decoder().stages()).hasSize(4);
    long perLayer = tiled.decoder().cacheBytesPerToken() / 4;
    assertThat(answer.kvBytes() % perLayer).isZero();
  }

  @Test
  void mustdrop_equalisesTheDeeperLayers() {
    Answer without = run(llava, "layer2:fastv(tokens=30) + layer3:fastv(tokens=10)").answer;
    Answer with =
        run(
                llava,
                "layer2:fastv(tokens=30) + layer3:fastv(tokens=10) + cache:mustdrop-cache(from=2)")
            .answer;

    long perLayer = llava.decoder().cacheBytesPerToken() / 4;
    assertThat(without.kvBytes() - with.kvBytes()).isEqualTo(20 * perLayer);
  }

  @Test
  void severalPolicies_actOneAfterTheOther() {
    Run both = run(llava, "cache:snapkv(tokens=40) + cache:quantised(bits=8)");
    Run one = run(llava, "cache:snapkv(tokens=40)");

    assertThat(both.answer.kvBytes()).isLessThan(one.answer.kvBytes() * 3 / 4);
  }

  @Test
  void aDecoderThatCountsByItself_standsWhereTheOneWithPositionsDoes() {
    try (VisionLanguageModel given = VisionLanguageModel.load(PACKAGES.resolve("smolvlm2"));
        VisionLanguageModel counting =
            VisionLanguageModel.load(PACKAGES.resolve("smolvlm2-fused"))) {
      for (String plan :
          List.of(
              "cache:streamingllm(keep=0.5)",
              "cache:streamingllm(keep=0.5, inCache=true)",
              "cache:snapkv(keep=0.5) + cache:streamingllm(keep=0.4, inCache=true)")) {
        Run expected = run(given, plan);
        Run actual = run(counting, plan);

        assertThat(actual.tokens).as(plan).isEqualTo(expected.tokens);
        for (int step = 0; step < expected.logits.size(); step++) {
          assertClose(
              actual.logits.get(step),
              expected.logits.get(step),
              LOGITS,
              "logits of %s, step %d",
              plan,
              step);
        }
      }
    }
  }

  @Test
  void placesInTheCache_areRefusedWhereTimeHeightAndWidthAreCountedApart() {
    try (VisionLanguageModel qwen = VisionLanguageModel.load(PACKAGES.resolve("qwen2-vl"))) {
      assertThatThrownBy(() -> run(qwen, "cache:streamingllm(keep=0.5, inCache=true)"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("positions for time, height and width");
    }
  }

  @Test
  void layersThatLaterTokensPassBy_areFreed() {
    Run whole = run(llava, "none");
    Run part = run(llava, "decoder:skipdecode(answer=8)");

    assertThat(part.logits.get(0)).isEqualTo(whole.logits.get(0));
    assertThat(part.logits.get(1)).isEqualTo(whole.logits.get(1));
    assertThat(part.answer.kvBytes()).isEqualTo(whole.answer.kvBytes() / 2);
    assertThatThrownBy(() -> run(llava, "layer2:random(keep=0.5) + decoder:skipdecode(most=0.75)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("skips layers 1 to 1, so nothing can act at 'layer2'");
    assertThatThrownBy(() -> run(llava, "decoder:skipdecode(bottom=2)"))
        .hasMessageContaining("raise fewest or lower bottom");
  }

  private record Run(Answer answer, List<Integer> tokens, List<float[]> logits) {}

  private static Run run(VisionLanguageModel model, String plan) {
    RecordedTokens recorded = new RecordedTokens();
    Answer answer =
        model.ask(
            List.of(small),
            "What is in the picture?",
            recorded
                .options()
                .withMaxTokens(24)
                .withPlan(plan)
                // Compared to the last bit.
                .withPromptReuse(false));
    return new Run(answer, recorded.tokens(), recorded.logits());
  }
}
