package dev.squint.eval.calibrate;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Point;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.method.depth.AttentionRank;
import dev.squint.pruner.plan.Action;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Keeps every token and records the attention of a layer. Not thread-safe. */
final class LayerProbe implements Pruner<LayerTokens> {

  private static final PromptSelfLogits LOGITS = new PromptSelfLogits();

  private final int ranks;
  private final List<double[]> masses = new ArrayList<>();
  private final List<Double> measuredRanks = new ArrayList<>();

  /** A probe that computes the attention rank only of the first questions, because it is slow. */
  LayerProbe(int ranks) {
    this.ranks = ranks;
  }

  /** Returns a plan with a probe after each layer but the last, in order. */
  static PruningPlan plan(List<LayerProbe> probes) {
    List<Step<?>> steps = new ArrayList<>();
    for (int i = 0; i < probes.size(); i++) {
      LayerProbe probe = probes.get(i);
      steps.add(
          new Step<>(
              Point.decoder(i + 1),
              Method.own("probe", LayerTokens.class, probe, Point.Kind.DECODER),
              new Action.Tokens<>(LayerTokens.class, probe),
              Budget.ratio(1)));
    }
    return new PruningPlan(steps);
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(LOGITS);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    PromptLogits logits = tokens.evidence(LOGITS);
    List<Matrix> attention = logits.perHead().stream().map(LayerProbe::softmax).toList();
    masses.add(
        attention.stream()
            .mapToDouble(head -> visualMass(List.of(head), logits.visual()))
            .toArray());
    if (measuredRanks.size() < ranks) {
      measuredRanks.add(AttentionRank.of(attention));
    }
    return TokenReduction.keepAll(tokens.size());
  }

  /** Returns 0, because the probe is not part of a plan that users run. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    return 0;
  }

  /**
   * Returns the share of the attention of the text after the pictures that goes to visual tokens.
   */
  static double visualMass(List<Matrix> attention, int[] visual) {
    int first = visual[visual.length - 1] + 1;
    double sum = 0;
    int rows = 0;
    for (Matrix head : attention) {
      for (int row = first; row < head.rows(); row++) {
        for (int token : visual) {
          sum += head.get(row, token);
        }
        rows++;
      }
    }
    return rows == 0 ? 0 : sum / rows;
  }

  private static Matrix softmax(Matrix logits) {
    float[] values = new float[logits.data().length];
    for (int row = 0; row < logits.rows(); row++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < logits.cols(); c++) {
        most = Math.max(most, logits.get(row, c));
      }
      double sum = 0;
      for (int c = 0; c < logits.cols(); c++) {
        sum += Math.exp(logits.get(row, c) - most);
      }
      for (int c = 0; c < logits.cols(); c++) {
        values[row * logits.cols() + c] = (float) (Math.exp(logits.get(row, c) - most) / sum);
      }
    }
    return new Matrix(logits.rows(), logits.cols(), values);
  }

  double mass() {
    return heads().stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** Returns the mass of each head, mean over the questions, [H]. */
  List<Double> heads() {
    int count = masses.isEmpty() ? 0 : masses.get(0).length;
    return IntStream.range(0, count)
        .mapToObj(head -> masses.stream().mapToDouble(each -> each[head]).average().orElseThrow())
        .toList();
  }

  double rank() {
    return measuredRanks.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
