package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.maths.RidgeRegression;
import dev.squint.pruner.method.depth.FittedRouters.Layer;
import dev.squint.pruner.method.depth.FittedRouters.Sample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routers, budgets and schedules, worked out by hand. */
class DepthsByHandTest {

  private static GammaMod gamma() {
    return new GammaMod(
        Matrix.of(new float[] {1, 0.5f}, new float[] {2, 1.5f}),
        Matrix.of(new float[] {2, -0.5f}),
        12.5,
        new GammaMod.Decides[] {GammaMod.Decides.EVERY_TOKEN},
        0.5,
        0.5,
        Continuation.RENUMBER);
  }

  @Test
  void gammaMod_isASigmoidOfTheNormedState() {
    // The router's difference is [1, 1], the squares' mean and epsilon 12.5 each, so the norm 5:
    // (3 * 2 - 4 * 0.5) / 5 = 0.8.
    Matrix hidden = Matrix.of(new float[] {3, 4});

    assertThat(gamma().probabilities(0, hidden)[0])
        .isCloseTo((float) (1 / (1 + Math.exp(-0.8))), within(1e-6f));
    assertThat(gamma().ungated(new float[] {0.2f}).probabilities(0, hidden)[0])
        .isCloseTo((float) (1 / (1 + Math.exp(-1))), within(1e-6f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> gamma().ungated(new float[2]))
        .withMessage("there are 1 layers but 2 offsets");
  }

  @Test
  void gammaMod_atItsThreshold_skipsAPromptsTokenAndProcessesANewOne() {
    Matrix half = Matrix.of(new float[] {0, 0});

    assertThat(gamma().route(new LayerInput(0, half, new int[0], -1)).processed()).isEmpty();
    assertThat(gamma().route(new LayerInput(0, half, new int[0], 0)).processed())
        .containsExactly(0);
  }

  @Test
  void pMod_sharesFallWithDepth() {
    // Depths 0, 1/4, 1/2, 3/4, 1: (1 + cos) / 2 is 1, 0.854, 0.5, 0.146 and 0.
    assertThat(PMod.ratios(5, PMod.Decay.COSINE))
        .containsExactly(new double[] {1, 1, 0.5, 0.15, 0.15}, within(1e-12));
    assertThat(PMod.ratios(5, PMod.Decay.LINEAR)).containsExactly(1, 0.75, 0.5, 0.25, 0.15);
    assertThat(PMod.ratios(1, PMod.Decay.LINEAR)).containsExactly(1);
    // 0.85 is not above itself.
    assertThat(PMod.ratios(21, PMod.Decay.LINEAR)[3]).isEqualTo(0.85);
  }

  @Test
  void pMod_weighsByAFifthOfTheTanh() {
    assertThat(PMod.tanhNorm(0)).isEqualTo(1);
    assertThat(PMod.tanhNorm(99)).isEqualTo(1.2f);
    // tanh(ln(3) / 2) is (3 - 1) / (3 + 1).
    assertThat(PMod.tanhNorm((float) (Math.log(3) / 2))).isCloseTo(1.1f, within(1e-6f));
  }

  @Test
  void changesOfATokenAreLengthsAndAngles() {
    Matrix before = Matrix.of(new float[] {3, 4}, new float[] {3, 4}, new float[] {0, 0});
    Matrix after = Matrix.of(new float[] {4, 3}, new float[] {0, 0}, new float[] {1, 0});

    // The difference [1, -1] by 5; all of the input; nothing by which to divide.
    assertThat(TokenChange.UPDATE.of(before, after, 0)).isCloseTo(Math.sqrt(2) / 5, within(1e-12));
    assertThat(TokenChange.UPDATE.of(before, after, 1)).isEqualTo(1);
    assertThat(TokenChange.UPDATE.of(before, after, 2)).isZero();
    // 1 - 24 / 25; zeros have no direction.
    assertThat(TokenChange.TURN.of(before, after, 0)).isCloseTo(0.04, within(1e-12));
    assertThat(TokenChange.TURN.of(before, after, 1)).isZero();
    assertThat(TokenChange.TURN.of(before, after, 2)).isZero();
    assertThat(TokenChange.RANDOM.of(before, after, 0))
        .isNotEqualTo(TokenChange.RANDOM.of(before, after, 1))
        .isBetween(0., 1.);
    assertThat(TokenChange.correlation(new double[] {1, 2}, new double[] {5, 6})).isEqualTo(1);
    assertThat(TokenChange.correlation(new double[] {1}, new double[] {5})).isZero();
  }

  @Test
  void budgetsFollowACosine_movedUntilTheMeanIsRight() {
    // Layers 2 to 6 share 8 * 0.725 - 3 = 2.8. Their cosines add up to that of layer 6 alone, since
    // layers 2 and 5, 3 and 4 cancel; so each is moved by (2.8 - 2.5 - cos(6 pi / 7) / 2) / 5.
    double by = (0.3 - Math.cos(6 * Math.PI / 7) / 2) / 5;
    double[] cosine = RoutedDepths.cosine(8, 0.725);

    assertThat(cosine[1]).isEqualTo(1);
    for (int layer = 2; layer < 7; layer++) {
      assertThat(cosine[layer])
          .as("layer %d", layer)
          .isCloseTo(Math.cos(Math.PI * layer / 7) / 2 + 0.5 + by, within(1e-9));
    }
    // 8 * 0.4 - 3 = 0.2 leaves 0.04 to each of five layers, which is then the least share.
    for (int layer = 2; layer < 7; layer++) {
      assertThat(RoutedDepths.cosine(8, 0.4)[layer]).isCloseTo(0.04, within(1e-9));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> RoutedDepths.cosine(3, 0.9));
    assertThatIllegalArgumentException().isThrownBy(() -> RoutedDepths.check(8, 1));
  }

  /** Three tokens of one column: 0, 1 and 2 times a unit. */
  private static Sample sample(float unit, double... ranks) {
    return new Sample(new Matrix(3, 1, new float[] {0, unit, 2 * unit}), ranks);
  }

  @Test
  void fits_holdTheSecondQuestionOut() {
    Layer layer =
        FittedRouters.fit(
            List.of(
                sample(1, 0, 0.5, 1),
                sample(1, 1, 0.5, 0),
                sample(1, 0, 0.5, 1),
                sample(1, 0, 0.5, 1)));

    // All penalties rank alike, so the first one, 1 / 1000 of a standard deviation, stays.
    assertThat(layer.plain().weights()[0]).isCloseTo(0.5 / 1.001, within(1e-9));
    assertThat(layer.plain().intercept()).isCloseTo(0.5 - 0.5 / 1.001, within(1e-9));
    assertThat(layer.correlation()).isCloseTo(-1, within(1e-12));
    assertThat(layer.thresholds()).hasSize(9).isSorted();
    assertThat(FittedRouters.fit(List.of(sample(1, 0, 0.5, 1), sample(1, 0, 0.5, 1))).correlation())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void fits_divideByTheRootMeanSquareAndEpsilon() {
    // Of 0 and 0.001 the squares are 0 and epsilon, 1e-6: normed they are 0 and 1 / sqrt(2).
    Sample two = new Sample(new Matrix(2, 1, new float[] {0, 1e-3f}), new double[] {0, 1});

    Layer layer = FittedRouters.fit(List.of(two, two));

    assertThat(layer.normed().weights()[0]).isCloseTo(Math.sqrt(2) / 1.001, within(1e-5));
  }

  /** Of five layers' shares 1 - 8 (1 - keep) / 5 the bias is 10 less the value that divides. */
  @ParameterizedTest
  @CsvSource({
    // Half: between 2 and 3. None: the largest. 92 of 100: below all four.
    "0.6875, 7.5",
    "0.375, 6",
    "0.95, 9"
  })
  void weights_subtractTheValueThatAShareIsAbove(double keep, float bias) {
    Map<Integer, Layer> fitted = new HashMap<>();
    for (int layer : RoutedDepths.candidates(8)) {
      fitted.put(
          layer,
          new Layer(
              new RidgeRegression(new double[] {layer}, 0.25),
              new RidgeRegression(new double[] {2.0 * layer}, 10),
              1,
              new double[] {1, 2, 3, 4}));
    }
    var weights = FittedRouters.weights(8, fitted, new int[] {2, 3, 4, 5, 6}, keep);

    assertThat(weights.vector("bias")).containsExactly(0, 0, bias, bias, bias, bias, bias, 0);
    assertThat(weights.vector("router.bias"))
        .containsExactly(0, 0, 0.25f, 0.25f, 0.25f, 0.25f, 0.25f, 0);
    assertThat(weights.matrix("router.weight").data()).containsExactly(0, 0, 2, 3, 4, 5, 6, 0);
    assertThat(weights.matrix("gain").data()).containsExactly(0, 0, 4, 6, 8, 10, 12, 0);
    assertThat(weights.vector("routed")).containsExactly(0, 0, 2, 2, 2, 2, 2, 0);
  }

  @Test
  void gSearch_isOpenUntilItsSteepnessIsChosen() {
    GSearch open = new GSearch(0.5, 0, GSearch.NO_FILE);

    assertThat(open.isOpen()).isTrue();
    assertThat(open.withSteepness(8)).isEqualTo(new GSearch(0.5, 8, GSearch.NO_FILE));
    assertThat(open.withSteepness(8).isOpen()).isFalse();
    assertThat(new GSearch(0.5, 0, "a.json").isOpen()).isFalse();
    assertThat(open.needs()).containsExactly(new LastQueryAttention());
    assertThatIllegalStateException()
        .isThrownBy(() -> open.plan(4, 9))
        .withMessageContaining("is not chosen");
    assertThatIllegalStateException()
        .isThrownBy(() -> new GSearch(0.5, 8, "a.json").plan(4, 9))
        .withMessageContaining("is not read");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open.withSteepness(8).plan(1, 9))
        .withMessageContaining("one layer");
  }

  @Test
  void yopo_leavesALayerWithoutPictures() {
    // 0.99 of four layers is four, but the last one must be left.
    assertThat(new Yopo(0.99, 5).places(4)).isEqualTo("layer3:uniform-grid(tokens=0)");
  }
}
