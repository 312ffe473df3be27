package dev.squint.llm;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.llm.model.RouterWeights;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Closeness;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routers of a file on a package that has none, alone and beside other steps. */
class FittedRouterPlansTest {
  // A decoder cut after every layer sums the same in other blocks. Measured with AVX2: 0.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);

  // A value between two of 16 codes may be rounded to either: a 15th of the range of its row, of
  // which a logit sees less.
  private static final Tolerance CODES = Tolerance.relative(1.0 / 15);
  private static final Path LLAVA = Path.of("src/test/resources/packages/llava");
  private static final int LAYERS = 4;
  private static final int FIRST_TOKEN = 10;

  @TempDir Path folder;
  private Path all;
  private Path half;

  @BeforeEach
  void write() {
    int width = LoadedModels.of(LLAVA).decoder().hiddenSize();
    all = file("all.safetensors", LAYERS, width, 1, 0);
    half = file("half.safetensors", LAYERS, width, 0.5f, 2);
  }

  private Path file(String name, int layers, int width, float ratio, float decides) {
    float[] ratios = new float[layers];
    Arrays.fill(ratios, 1);
    ratios[2] = ratio;
    float[] routed = new float[layers];
    routed[2] = decides;
    float[] column = new float[layers * width];
    for (int layer = 0; layer < layers; layer++) {
      column[layer * width] = 1;
    }
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    Map<String, Matrix> weights = new TreeMap<>();
    weights.put("router.weight", new Matrix(layers, width, column));
    weights.put("router.bias", Matrix.of(new float[layers]));
    weights.put("ratio", Matrix.of(ratios));
    weights.put("router", Matrix.of(new float[width], ones));
    weights.put("gain", new Matrix(layers, width, column));
    weights.put("bias", Matrix.of(new float[layers]));
    weights.put("epsilon", Matrix.of(new float[] {1e-6f}));
    weights.put("thresholds", Matrix.of(new float[] {0.5f, 0}));
    weights.put("routed", Matrix.of(routed));
    weights.put("in-place", Matrix.of(new float[] {1}));
    weights.put("gate", Matrix.of(new float[] {0}));
    Path file = folder.resolve(name);
    RouterWeights.write(file, new TrainedWeights(weights));
    return file;
  }

  private record Asked(Answer answer, List<float[]> logits) {}

  private static Asked ask(String plan) {
    return ask(LoadedModels.of(LLAVA), plan);
  }

  private static Asked ask(VisionLanguageModel model, String plan) {
    List<float[]> logits = new ArrayList<>();
    Answer answer =
        model.ask(
            List.of(new PictureReader().read(LLAVA.resolve("test/small_90x70.png"))),
            MaskComparison.QUESTION,
            AskOptions.DEFAULT
                .withPlan(plan)
                .withMaxTokens(4)
                .withSampler(
                    () ->
                        values -> {
                          logits.add(values.clone());
                          // Where two tokens are nearly as likely, rounding would choose.
                          return FIRST_TOKEN + logits.size();
                        }));
    return new Asked(answer, logits);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "layer2:random(keep=0.5)",
        "layer1:uniform-grid(keep=0.6) + layer3:average-pool(keep=0.5)",
        "cache:streamingllm(keep=0.5)",
        "layer2:random(keep=0.5) + cache:quantised(bits=4)",
        "cache:gear"
      })
  void routersThatLetNothingSkip_changeNothing(String steps) {
    String routed = plan("decoder:p-mod(file=%s)".formatted(all), steps);

    Asked with = ask(routed);
    Asked without = ask(steps);

    assertThat(with.answer.plan()).hasToString(routed);
    assertThat(with.answer.kvBytes()).isEqualTo(without.answer.kvBytes());
    assertThat(with.logits).hasSameSizeAs(without.logits);
    for (int i = 0; i < with.logits.size(); i++) {
      // The first token is chosen before rows are stored as codes.
      boolean ofCodes = i > 0 && (steps.contains("gear") || steps.contains("quantised"));
      Closeness.assertClose(
          with.logits.get(i), without.logits.get(i), ofCodes ? CODES : LOGITS, steps + " " + i);
    }
  }

  /** A plan with a router between its steps, in the order in which plans print. */
  private static String plan(String router, String steps) {
    List<String> parts = new ArrayList<>(List.of(steps.split(" \\+ ")));
    parts.remove("none");
    int cache = 0;
    while (cache < parts.size() && !parts.get(cache).startsWith("cache:")) {
      cache++;
    }
    parts.add(cache, router);
    return String.join(" + ", parts);
  }

  @Test
  void tokensSkipTheLayerOfTheFile_andAnswersSaySo() {
    Answer whole = ask("none").answer;
    int visual = whole.visualTokens();
    int prompt = whole.prefillRuns().get(0).tokens();

    Asked byShare = ask("decoder:p-mod(file=%s)".formatted(half));
    assertThat(byShare.answer.prefillRuns())
        .extracting(StageRun::tokens)
        .containsExactly(prompt, prompt, prompt - visual + visual / 2, prompt);
    assertThat(byShare.answer.notes())
        .anyMatch(note -> note.contains("were fitted without training by squint calibrate"));
    assertThat(byShare.answer.kvBytes()).isLessThan(ask("none").answer.kvBytes());

    Answer byThreshold = ask("decoder:gamma-mod(file=%s)".formatted(half)).answer;
    assertThat(byThreshold.prefillRuns().get(2).tokens())
        .isStrictlyBetween(prompt - visual, prompt);

    Answer fewer = ask("layer1:random(keep=0.5) + decoder:p-mod(file=%s)".formatted(half)).answer;
    int left = (visual + 1) / 2;
    assertThat(fewer.prefillRuns())
        .extracting(fewer::visualTokens)
        .containsExactly(visual, left, left / 2, left);
  }

  @Test
  void stepsBesideARouter_leaveTheOtherPlansDecoderAndItsPrefixes() {
    String router = "decoder:p-mod(file=%s)".formatted(all);
    try (VisionLanguageModel model = VisionLanguageModel.load(LLAVA, LoadOptions.DEFAULT)) {
      StagedDecoder decoder = model.decoder();
      ask(model, "none");
      ask(model, "layer2:random(keep=0.5) + " + router + " + cache:streamingllm(keep=0.5)");
      assertThat(model.decoder()).isSameAs(decoder);
      assertThat(ask(model, "none").answer.reusedTokens()).isPositive();
      // A look by the first layers is taken with these stages, whatever runs the prompt.
      model.prepare(PruningPlan.parse("tiles:lrs-tiles + layer2:random(keep=0.5) + " + router));
      assertThat(model.decoder().stages()).hasSize(2);
    }
  }

  @Test
  void aFileIsReadOnce_andAgainAfterItChanges() throws IOException {
    CalibrationFiles files = CalibrationFiles.of(List.of(all));
    PruningPlan plan = PruningPlan.parse("decoder:p-mod(file=all.safetensors)");
    TrainedWeights first = read(files, plan);
    assertThat(read(files, plan)).isSameAs(first);
    Files.copy(half, all, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(all, FileTime.fromMillis(0));
    assertThat(read(files, plan).vector("ratio")).containsExactly(1, 1, 0.5f, 1);
  }

  private static TrainedWeights read(CalibrationFiles files, PruningPlan plan) {
    return requireNonNull(requireNonNull(files.expanded(plan, () -> LAYERS).router()).read());
  }

  @Test
  void filesThatDoNotSuitTheModel_areRefused() throws IOException {
    int width = LoadedModels.of(LLAVA).decoder().hiddenSize();
    refused(file("five.safetensors", 5, width, 1, 0), "of 5 layers, but this one has 4");
    refused(
        file("wide.safetensors", LAYERS, width + 1, 1, 0),
        "reads hidden states of %d values, but those of llava have %d".formatted(width + 1, width));
    Path text = Files.writeString(folder.resolve("text.safetensors"), "{}");
    refused(text, "is not a file of 'squint calibrate --routers': is no safetensors file");
    refused(folder.resolve("none.safetensors"), "'squint calibrate --routers --out FILE' makes");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                CalibrationFiles.of(List.of(all))
                    .expanded(PruningPlan.parse("decoder:p-mod(file=%s)".formatted(all)), () -> 4))
        .withMessageContaining("there are [all.safetensors]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask("decoder:p-mod"))
        .withMessageContaining(
            "'squint calibrate --routers --out FILE' makes some without training");
  }

  private static void refused(Path file, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask("decoder:gamma-mod(file=%s)".formatted(file)))
        .withMessageContaining(message);
  }
}
