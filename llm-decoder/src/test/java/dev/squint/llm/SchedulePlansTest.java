package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.method.depth.GSearch;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.ScheduleStep;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans that become steps between layers when the decoder and the prompt are known. */
class SchedulePlansTest {
  private static final Path LLAVA = Path.of("src/test/resources/packages/llava");
  private static final int LAYERS = 4;

  @TempDir Path folder;

  private static Answer ask(String plan) {
    Picture picture = new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
    return LoadedModels.of(LLAVA)
        .ask(
            List.of(picture),
            MaskComparison.QUESTION,
            AskOptions.DEFAULT.withPlan(plan).withMaxTokens(3));
  }

  private static int[] layerTokens(Answer answer) {
    int[] tokens = new int[LAYERS];
    for (StageRun run : answer.prefillRuns()) {
      for (int layer = run.firstLayer(); layer < run.endLayer(); layer++) {
        tokens[layer] = answer.visualTokens(run);
      }
    }
    return tokens;
  }

  @Test
  void gSearch_spendsItsBudget_onTheCurveThatItChose() {
    Answer answer = ask("encoder:random(keep=0.9) + decoder:g-search(budget=0.55)");

    int given = answer.keptVisualTokens();
    int[] tokens = layerTokens(answer);
    double mean = (tokens[0] + tokens[1] + tokens[2] + tokens[3]) / 4.0;
    assertThat(given).isLessThan(answer.visualTokens());
    assertThat(tokens[0]).isEqualTo(given);
    assertThat(tokens[3]).isLessThan(tokens[1]);
    assertThat(mean).isBetween(0.55 * given - 1, 0.55 * given);
    assertThat(chosen(answer).isOpen()).isFalse();

    // Its plan asks nothing and does the same; so do the steps that it stands for.
    Answer again = ask(answer.plan().toString());
    assertThat(layerTokens(again)).isEqualTo(tokens);
    assertThat(again.plan()).isEqualTo(answer.plan());
    Answer spelledOut = ask(answer.plan().counted(LAYERS, given).toString());
    assertThat(layerTokens(spelledOut)).isEqualTo(tokens);
    assertThat(spelledOut.text()).isEqualTo(answer.text()).isEqualTo(again.text());
  }

  private static GSearch chosen(Answer answer) {
    return (GSearch) Objects.requireNonNull(answer.plan().schedule()).schedule();
  }

  @Test
  void budgetsAndFilesThatDoNotSuitTheDecoder_areRefused() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask("decoder:g-search(budget=0.2)"))
        .withMessageContaining("smallest budget is 0.25");
    Path file = Files.writeString(folder.resolve("a.json"), calibration(5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask("decoder:g-search(file=%s)".formatted(file)))
        .withMessageContaining("of 5 layers, but this one has 4");
    Files.writeString(file, "{\"plans\": {}}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask("decoder:g-search(file=%s)".formatted(file)))
        .withMessageContaining("is not a file of 'squint calibrate'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask("decoder:g-search(file=%s)".formatted(folder.resolve("b.json"))))
        .withMessageContaining("cannot be read");
    LoadOptions named =
        LoadOptions.DEFAULT.withPlans(
            List.of(PruningPlan.parse("decoder:g-search(file=none.json)")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VisionLanguageModel.load(LLAVA, named))
        .withMessage(
            "the model cannot follow 'decoder:g-search(file=none.json)': 'none.json' cannot be read; 'squint calibrate --out FILE' makes a calibration");
  }

  @Test
  void aFileHasTheSteps() throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), calibration(LAYERS));

    Answer answer = ask("decoder:g-search(file=%s)".formatted(file));

    assertThat(answer.plan()).hasToString("layer2:fastv(keep=0.5) + layer3:fastv(tokens=0)");
    assertThat(layerTokens(answer)[3]).isZero();
  }

  private static String calibration(int layers) {
    return "{\"layers\": %d, \"plans\": {\"g-search\": \"layer2:fastv(keep=0.5) + layer3:fastv(tokens=0)\"}}"
        .formatted(layers);
  }

  @Test
  void filesOfAServer_areKnownByTheirNames() throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), calibration(LAYERS));
    CalibrationFiles files = CalibrationFiles.of(List.of(file));

    assertThat(files.expanded(PruningPlan.parse("decoder:g-search(file=a.json)"), () -> LAYERS))
        .hasToString("layer2:fastv(keep=0.5) + layer3:fastv(tokens=0)");
    for (String other : List.of(file.toString(), "b.json", "/etc/passwd")) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  files.expanded(
                      PruningPlan.parse("decoder:g-search(file=%s)".formatted(other)),
                      () -> LAYERS))
          .withMessage("no calibration is called '%s'; there are [a.json]".formatted(other));
    }
  }

  @Test
  void theCurveThatChangesTheFirstTokenLeast_isChosenOncePerTwentieth() {
    List<String> asked = new ArrayList<>();
    CurveChoice choice =
        new CurveChoice(
            plan -> {
              asked.add(plan.toString());
              ScheduleStep step = plan.schedule();
              float second = step == null ? 1 : (float) ((GSearch) step.schedule()).steepness() - 7;
              return List.of(new float[] {0, second});
            });

    PruningPlan chosen = choice.chosen(PruningPlan.parse("decoder:g-search(budget=0.46)"));

    assertThat(chosen).hasToString("decoder:g-search(budget=0.46, steepness=8.0)");
    assertThat(asked)
        .containsExactly(
            "none",
            "decoder:g-search(steepness=4.0)",
            "decoder:g-search(steepness=8.0)",
            "decoder:g-search(steepness=16.0)");
    assertThat(choice.chosen(PruningPlan.parse("decoder:g-search")))
        .hasToString("decoder:g-search(steepness=8.0)");
    assertThat(asked).hasSize(4);
    assertThat(choice.chosen(PruningPlan.parse("decoder:g-search(budget=0.2)")))
        .hasToString("decoder:g-search(budget=0.2, steepness=8.0)");
    assertThat(asked).hasSize(8);
  }

  @Test
  void divergenceIsThatOfTheSoftmax() {
    float log3 = (float) Math.log(3);
    // Shares 3/4 and 1/4 against 1/2 and 1/2.
    double expected = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
    assertThat(CurveChoice.divergence(new float[] {log3, 0}, new float[] {5, 5}))
        .isCloseTo(expected, within(1e-6));
    float never = Float.NEGATIVE_INFINITY;
    assertThat(CurveChoice.divergence(new float[] {0, never, 0}, new float[] {2, never, 2}))
        .isCloseTo(0, within(1e-9));
  }

  @Test
  void yopo_dropsAllVisualTokensInTheDeepestLayers() {
    Answer answer = ask("decoder:yopo(from=0.5)");

    assertThat(layerTokens(answer)[1]).isEqualTo(answer.visualTokens());
    assertThat(layerTokens(answer)[2]).isZero();
    assertThat(answer.text()).isEqualTo(ask("layer2:uniform-grid(tokens=0)").text());
  }
}
