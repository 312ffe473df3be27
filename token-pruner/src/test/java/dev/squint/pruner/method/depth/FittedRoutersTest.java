package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Routing;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.method.depth.FittedRouters.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FittedRoutersTest {
  private static final int LAYERS = 8;
  private static final int TOKENS = 40;
  private static final int WIDTH = 6;

  @Test
  void aChangeThatFollowsAColumn_isPredicted() {
    FittedRouters.Layer layer = FittedRouters.fit(questions(8, 2));

    // Of a uniform column the ranks are nearly linear, of other columns they say nothing.
    assertThat(layer.correlation()).isGreaterThan(0.95);
    assertThat(layer.plain().weights()[2]).isPositive();
    assertThat(FittedRouters.fit(questions(8, -1)).correlation()).isBetween(-0.4, 0.4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FittedRouters.fit(questions(1, 2)))
        .withMessageContaining("at least 2 questions but there are 1");
  }

  @Test
  void bothKindsOfRouters_processWhatChangesMost_withinTheBudget() {
    Map<Integer, FittedRouters.Layer> fitted = new HashMap<>();
    for (int layer : RoutedDepths.candidates(LAYERS)) {
      fitted.put(layer, FittedRouters.fit(questions(8, layer % WIDTH)));
    }
    int[] routed = {2, 3, 4, 5, 6};
    TrainedWeights weights = FittedRouters.weights(LAYERS, fitted, routed, 0.6);
    Sample unseen = questions(9, 3).get(8);

    for (LayerRouter router : List.of(PMod.of(weights), GammaMod.of(weights))) {
      Routing routing = router.route(new LayerInput(3, prompt(unseen.input()), visual(), -1));
      int[] processed = routing.processed();
      assertThat(processed).contains(0, TOKENS + 1);
      assertThat(routing.isUnweighted()).isTrue();
      assertThat(meanRank(unseen, processed)).isGreaterThan(0.6);
      assertThat(router.route(new LayerInput(1, prompt(unseen.input()), visual(), -1)).processed())
          .hasSize(TOKENS + 2);
      assertThat(router.route(new LayerInput(3, unseen.input().rows(new int[] {0}), new int[0], 0)))
          .extracting(step -> step.processed().length)
          .isEqualTo(1);
      double mean =
          IntStream.range(0, LAYERS)
              .mapToObj(i -> new LayerInput(i, prompt(unseen.input()), visual(), -1))
              .mapToInt(input -> router.route(input).processed().length - 2)
              .average()
              .orElseThrow();
      // A threshold keeps the share on average, not in each picture.
      assertThat(mean / TOKENS).isCloseTo(0.6, within(0.12));
    }
  }

  private static double meanRank(Sample sample, int[] processed) {
    return IntStream.of(processed)
        .filter(i -> i > 0 && i <= TOKENS)
        .mapToDouble(i -> sample.ranks()[i - 1])
        .average()
        .orElseThrow();
  }

  /** A word before and a word after the visual tokens. */
  private static Matrix prompt(Matrix visual) {
    float[] word = new float[WIDTH];
    Arrays.fill(word, -9);
    return Matrix.stacked(List.of(Matrix.of(word), visual, Matrix.of(word)));
  }

  private static int[] visual() {
    return IntStream.rangeClosed(1, TOKENS).toArray();
  }

  /** Questions whose tokens change as a column says; for -1 at random. */
  private static List<Sample> questions(int count, int column) {
    Random random = new Random(5);
    List<Sample> questions = new ArrayList<>();
    for (int question = 0; question < count; question++) {
      float[] values = new float[TOKENS * WIDTH];
      double[] changes = new double[TOKENS];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat() - 0.3f;
      }
      for (int i = 0; i < TOKENS; i++) {
        changes[i] = column < 0 ? random.nextDouble() : values[i * WIDTH + column];
      }
      questions.add(new Sample(new Matrix(TOKENS, WIDTH, values), TokenChange.ranks(changes)));
    }
    return questions;
  }

  @Test
  void changes_areRanked() {
    Matrix before = Matrix.of(new float[] {1, 0}, new float[] {2, 0}, new float[] {0, 1});
    Matrix after = Matrix.of(new float[] {2, 0}, new float[] {2, 1}, new float[] {0, 1});

    // Updates 1, 1/2 and 0 of the input's length; angles 0, 27 degrees and 0.
    assertThat(TokenChange.UPDATE.ranks(before, after)).containsExactly(1, 0.5, 0);
    assertThat(TokenChange.TURN.ranks(before, after)).containsExactly(0, 1, 0.5);
    assertThat(TokenChange.correlation(new double[] {1, 2, 3}, new double[] {9, 4, 1}))
        .isCloseTo(-1, within(1e-12));
    assertThat(TokenChange.correlation(new double[] {1, 2, 3}, new double[] {3, 1, 2}))
        .isCloseTo(-0.5, within(1e-12));
  }

  @Test
  void budgets_areSpentOverTheLayers() {
    double[] cosine = RoutedDepths.cosine(LAYERS, 0.5);
    assertThat(Arrays.stream(cosine).average()).hasValueCloseTo(0.5, within(1e-9));
    assertThat(cosine[0]).isEqualTo(1);
    assertThat(cosine[1]).isEqualTo(1);
    assertThat(cosine[7]).isEqualTo(1);
    assertThat(cosine[2]).isGreaterThan(cosine[3]).isLessThan(1);
    assertThat(cosine[6]).isEqualTo(0.15);

    List<Double> ranks = List.of(1.0, 1.0, 9.0, 8.0, 7.0, 6.0, 5.0);
    // Three layers of 8 at 1 - 8 * 0.3 / 3 = 0.2 of the tokens; two would have none.
    assertThat(RoutedDepths.lowest(ranks, 0.7)).containsExactly(4, 5, 6);
    assertThat(RoutedDepths.share(LAYERS, 3, 0.7)).isCloseTo(0.2, within(1e-12));
    assertThat(RoutedDepths.lowest(ranks, 0.375)).containsExactly(2, 3, 4, 5, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoutedDepths.lowest(ranks, 0.37))
        .withMessageContaining("so a budget is in [0.375, 1), not 0.37");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoutedDepths.check(3, 0.9))
        .withMessageContaining("a decoder of 3 layers has none");
  }

  @Test
  void outputsAreWeighed_unlessTheGateIsZero() {
    Matrix hidden = Matrix.of(new float[] {3}, new float[] {-3});
    LayerInput input = new LayerInput(0, hidden, new int[] {0, 1}, -1);
    PMod gated = new PMod(Matrix.of(new float[] {1}), new float[1], new double[] {0.5});
    PMod ungated = new PMod(Matrix.of(new float[] {1}), new float[1], new double[] {0.5}, false);

    assertThat(gated.route(input).isUnweighted()).isFalse();
    assertThat(ungated.route(input).isUnweighted()).isTrue();
    assertThat(ungated.route(input).processed()).isEqualTo(gated.route(input).processed());
    Matrix output = Matrix.of(new float[] {7});
    assertThat(ungated.route(input).scattered(hidden, output))
        .isEqualTo(ungated.route(input).combine(hidden, output, Matrix.of(new float[] {0})))
        .isEqualTo(Matrix.of(new float[] {7}, new float[] {-3}));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PMod.gated(new TrainedWeights(Map.of("gate", Matrix.of(new float[] {2}))), "p-mod"))
        .withMessageContaining("'gate' of 'p-mod' is 2.0; it can be 0");
  }
}
