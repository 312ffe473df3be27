package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.policy.KeyRotation;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How far RoPE rotates tokens, measured on decoders, and plans that need it. */
class RotationCheckTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final int PAIRS = 8;
  // Keys are float32: an angle is measured to about 1e-7, at 128 times the position of the slowest.
  private static final double CLOSE = 1e-4;

  /** Base and head size are those of the package's config.json; Gemma 3 has two bases. */
  @ParameterizedTest
  @CsvSource({"llava, 0, 10000", "qwen2-vl, 2, 10000", "gemma3, 0, 10000", "gemma3, 1, 1000000"})
  void meansOfCosinesAndSines_areThoseOfTheFormula(String name, int layer, double base) {
    StagedDecoder decoder = LoadedModels.of(PACKAGES.resolve(name)).decoder();
    PositionIds positions =
        PositionIds.of(new long[] {0, 5, 700}, new long[] {0, 6, 60}, new long[] {0, 7, 61});

    Matrix means = decoder.keyRotation().means(layer, positions);

    for (int token = 0; token < 3; token++) {
      double cosines = 0;
      double sines = 0;
      for (int axis = 0; axis < 3; axis++) {
        for (int pair = 0; pair < PAIRS; pair++) {
          double angle = positions.axis(axis)[token] * Math.pow(base, -(double) pair / PAIRS);
          cosines += Math.cos(angle) / (3 * PAIRS);
          sines += Math.sin(angle) / (3 * PAIRS);
        }
      }
      assertThat((double) means.get(token, 0)).isCloseTo(cosines, within(CLOSE));
      assertThat((double) means.get(token, 1)).isCloseTo(sines, within(CLOSE));
    }
    assertThat(means.row(0)).containsExactly(1, 0);
    assertThat(decoder.keyRotation().rotates(layer)).isTrue();
  }

  @Test
  void aLayerWhoseKeysDoNotRotate_isRefusedByName() {
    StagedDecoder decoder = LoadedModels.of(PACKAGES.resolve("llava")).decoder();
    KeyRotation still =
        KeyRotation.of(
            decoder.stages(), prompt -> List.of(List.of(Matrix.of(new float[] {1, 2, 3, 4}))));
    Step<?> step = PruningPlan.parse("layer1:ivc-prune(keep=0.5)").steps().get(0);

    assertThat(still.rotates(0)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RotationCheck.requireRotation(step, still))
        .withMessage(
            "'ivc-prune' needs the angles of RoPE, but layer 1, counted from 1, does not rotate its keys; act after another layer");
  }

  /** Qwen2-VL has positions for time, height and width. */
  @Test
  void onlyPositionsInTheCache_needKeysWithOnePosition() {
    StagedDecoder decoder = LoadedModels.of(PACKAGES.resolve("qwen2-vl")).decoder();

    RotationCheck.check(PruningPlan.parse("cache:snapkv(keep=0.5)"), decoder);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RotationCheck.check(
                    PruningPlan.parse("cache:streamingllm(keep=0.5, inCache=true)"), decoder))
        .withMessageContaining("write inCache=false");
  }

  @Test
  void keysThatChangeInAnotherWay_areRefused() {
    StagedDecoder decoder = LoadedModels.of(PACKAGES.resolve("llava")).decoder();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                KeyRotation.of(
                    decoder.stages(),
                    prompt ->
                        List.of(
                            List.of(
                                Matrix.of(new float[] {prompt.positions().at(0, 0), 1, 1, 1})))))
        .withMessageStartingWith("the keys of layer 0 do not rotate evenly with their position");
  }
}
