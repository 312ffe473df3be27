package dev.squint.eval.calibrate;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.method.depth.FittedRouters.Sample;
import dev.squint.pruner.method.depth.RoutedDepths;
import dev.squint.pruner.method.depth.TokenChange;
import dev.squint.pruner.plan.Action;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Records how much layers change visual tokens: for each layer that tokens may skip, its input and
 * the ranks of the changes. Not thread-safe.
 */
final class HiddenStates {

  private final TokenChange change;
  private final int perQuestion;
  private final int layers;
  private final Map<Integer, List<Sample>> samples = new TreeMap<>();
  private Matrix last = new Matrix(0, 0, new float[0]);

  /**
   * Records nothing yet.
   *
   * @param layers of the decoder, L
   * @param perQuestion most tokens of a question and layer that are kept, evenly spread
   */
  HiddenStates(int layers, TokenChange change, int perQuestion) {
    this.layers = layers;
    this.change = change;
    this.perQuestion = perQuestion;
  }

  /** A plan that keeps all tokens and records them before and after the layers. */
  PruningPlan plan() {
    int first = RoutedDepths.candidates(layers)[0];
    List<Step<?>> steps = new ArrayList<>();
    for (int place = first; place < layers; place++) {
      Probe probe = new Probe(this, place, place == first);
      steps.add(
          new Step<>(
              Point.decoder(place),
              Method.own("probe", LayerTokens.class, probe, Point.Kind.DECODER),
              new Action.Tokens<>(LayerTokens.class, probe),
              Budget.ratio(1)));
    }
    return new PruningPlan(steps);
  }

  /** The samples of each layer, one for each question. */
  Map<Integer, List<Sample>> samples() {
    return samples;
  }

  private void add(int layer, Matrix after) {
    double[] ranks = change.ranks(last, after);
    int[] rows = spread(last.rows(), perQuestion);
    samples
        .computeIfAbsent(layer, key -> new ArrayList<>())
        .add(new Sample(last.rows(rows), IntStream.of(rows).mapToDouble(i -> ranks[i]).toArray()));
  }

  /** Numbers from 0 to n - 1, at most some of them, at even distances. */
  static int[] spread(int n, int most) {
    int count = Math.min(n, most);
    return IntStream.range(0, count).map(i -> (int) ((long) i * n / count)).toArray();
  }

  /** Keeps every token. No record, because its parameters are not written in a plan. */
  private static final class Probe implements Pruner<LayerTokens> {

    private final HiddenStates states;
    private final int place;
    private final boolean isFirst;

    /**
     * Records after a layer.
     *
     * @param place number of layers that have run
     * @param isFirst whether no layer before it is recorded
     */
    Probe(HiddenStates states, int place, boolean isFirst) {
      this.states = states;
      this.place = place;
      this.isFirst = isFirst;
    }

    @Override
    public TokenReduction reduce(LayerTokens tokens, Budget budget) {
      if (!isFirst) {
        states.add(place - 1, tokens.features());
      }
      states.last = tokens.features();
      return TokenReduction.keepAll(tokens.size());
    }

    /** Returns 0, because the probe is not part of a plan that users run. */
    @Override
    public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
      return 0;
    }
  }
}
