package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The default model with its trained methods: what PyTorch keeps is kept, its logits come out. */
class TrainedMethodsParityTest {
  // The bound is 1e-3 for logits of the size 20. Measured: 8.1e-7 of the scale with AVX2.
  private static final Tolerance LOGIT = Tolerance.relative(5e-5);

  private static final Path PACKAGE = Path.of("../samples/tiny-vlm/package");
  private static VisionLanguageModel model;

  @BeforeAll
  static void load() {
    model = LoadedModels.of(PACKAGE);
  }

  @TestFactory
  Stream<DynamicTest> everyRecordedPlan_isAsInPyTorch() throws IOException {
    JsonNode cases =
        new ObjectMapper()
            .readTree(Files.readString(PACKAGE.resolve("test/trained.json")))
            .get("cases");
    return cases
        .valueStream()
        .flatMap(
            sample ->
                sample
                    .get("plans")
                    .valueStream()
                    .map(
                        plan ->
                            DynamicTest.dynamicTest(
                                "%s %s %s"
                                    .formatted(
                                        sample.get("picture").asText(),
                                        sample.get("question").asText(),
                                        plan.get("plan").asText()),
                                () -> agrees(sample, plan))));
  }

  private static void agrees(JsonNode sample, JsonNode expected) {
    List<float[]> logits = new ArrayList<>();
    Answer answer =
        model.ask(
            List.of(new PictureReader().read(PACKAGE.resolve(sample.get("picture").asText()))),
            sample.get("question").asText(),
            AskOptions.DEFAULT
                .withMaxTokens(expected.get("tokens").size())
                .withPlan(PruningPlan.parse(expected.get("plan").asText()))
                .withSampler(() -> recording(logits)));

    JsonNode kept = expected.get("kept");
    if (kept.has("rows")) {
      assertThat(answer.prefillRuns())
          .extracting(StageRun::tokens)
          .as("tokens that the layers process")
          .containsExactly(
              kept.get("rows").valueStream().map(JsonNode::asInt).toArray(Integer[]::new));
    } else {
      kept.propertyStream()
          .forEach(
              point ->
                  assertThat(kept(answer, Point.parse(point.getKey())))
                      .as("kept at " + point.getKey())
                      .containsExactly(indices(point.getValue(), answer.visualTokens())));
    }
    for (int i = 0; i < expected.get("tokens").size(); i++) {
      Recorded.checkSamples(
          logits.get(i), expected.get("tokens").get(i), LOGIT, "logits of answer token " + i);
    }
    if (kept.has("cached")) {
      assertThat(answer.kvBytes())
          .as("bytes of the rows that the layers processed and cached")
          .isEqualTo(
              kept.get("cached").asLong()
                  * model.decoder().cacheBytesPerToken()
                  / answer.prefillRuns().size());
    }
  }

  private static Sampler recording(List<float[]> logits) {
    return values -> {
      logits.add(values.clone());
      return Sampler.GREEDY.next(values);
    };
  }

  /** Nothing more happens once all tokens have left. */
  private static int[] kept(Answer answer, Point point) {
    if (point.equals(Point.ENCODER)) {
      return answer.reduction().kept();
    }
    return answer.layerReductions().stream()
        .filter(reduction -> reduction.point().equals(point))
        .map(LayerReduction::reduction)
        .map(TokenReduction::kept)
        .findFirst()
        .orElseThrow();
  }

  private static int[] indices(JsonNode kept, int all) {
    return kept.isTextual()
        ? IntStream.range(0, all).toArray()
        : kept.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  @Test
  void routedLayers_cacheWhatTheyProcessedAlone_andAnswerAsBefore() {
    Answer whole = ask("none");
    Answer routed = ask("decoder:p-mod");
    int layers = routed.prefillRuns().size();
    int rows = routed.prefillRuns().stream().mapToInt(StageRun::tokens).sum();

    assertThat(routed.text()).isEqualTo(whole.text()).hasSizeGreaterThan(1);
    assertThat(routed.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(routed.kvBytes())
        .isEqualTo(
            (rows + (long) layers * routed.completionTokens())
                * model.decoder().cacheBytesPerToken()
                / layers)
        .isLessThan(whole.kvBytes() * 2 / 3);
  }

  @Test
  void aRouterAndStepsThatReadLayers_excludeEachOther() {
    assertThatThrownBy(() -> PruningPlan.parse("layer2:fastv(keep=0.5) + decoder:p-mod"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("remove 'layer2:fastv(keep=0.5)'");
    assertThat(PruningPlan.parse("encoder:random(keep=0.5) + decoder:p-mod"))
        .hasToString("encoder:random(keep=0.5) + decoder:p-mod");
  }

  private static Answer ask(String plan) {
    return model.ask(
        List.of(new PictureReader().read(PACKAGE.resolve("../../pictures/text.png"))),
        "What is written here?",
        AskOptions.DEFAULT.withPlan(plan));
  }

  @Test
  void aPointWithoutAGate_isRefused() {
    assertThatThrownBy(() -> model.check(PruningPlan.parse("layer1:dyvte")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'dyvte' was trained for [layer2, layer3, layer4, layer5, layer6,")
        .hasMessageEndingWith("not for 'layer1'");
  }
}
