package dev.squint.llm;

import dev.squint.pruner.method.depth.GSearch;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.ScheduleStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Chooses P-Sigmoid's steepness for a model and a budget: of three curves, the one that changes the
 * first token's distribution least (mean Kullback-Leibler divergence) on drawn pictures. The paper
 * optimises on questions with known answers; this is our reading without them. Thread-safe.
 */
final class CurveChoice {

  /** Those of {@code squint calibrate}. */
  private static final double[] STEEPNESS = {4, 8, 16};

  private static final int PARTS = 20;

  private final Function<PruningPlan, List<float[]>> firstLogits;
  private final Map<Double, Double> chosen = new HashMap<>();

  /**
   * Chooses by what a model says.
   *
   * @param firstLogits logits of the first token of each answer to {@link DrawnQuestions} under a
   *     plan
   */
  CurveChoice(Function<PruningPlan, List<float[]>> firstLogits) {
    this.firstLogits = firstLogits;
  }

  /** The plan with a chosen steepness; itself if nothing is to be chosen. */
  PruningPlan chosen(PruningPlan plan) {
    ScheduleStep step = plan.schedule();
    if (step == null || !(step.schedule() instanceof GSearch search) || !search.isOpen()) {
      return plan;
    }
    // Twentieths, so that requests with many budgets ask the model 20 times at most.
    double budget = Math.ceil(search.budget() * PARTS) / PARTS;
    GSearch asked = new GSearch(budget, 0, GSearch.NO_FILE);
    return plan.withSchedule(
        new ScheduleStep(step.method(), search.withSteepness(steepness(step.method(), asked))));
  }

  // Requests with the same budget wait for the first one's choice.
  private synchronized double steepness(Method method, GSearch search) {
    Double known = chosen.get(search.budget());
    if (known == null) {
      known = measured(method, search);
      chosen.put(search.budget(), known);
    }
    return known;
  }

  private double measured(Method method, GSearch search) {
    List<float[]> whole = firstLogits.apply(PruningPlan.none());
    double best = STEEPNESS[0];
    double least = Double.POSITIVE_INFINITY;
    for (double steepness : STEEPNESS) {
      ScheduleStep curve = new ScheduleStep(method, search.withSteepness(steepness));
      List<float[]> part = firstLogits.apply(PruningPlan.none().withSchedule(curve));
      double divergence = 0;
      for (int i = 0; i < whole.size(); i++) {
        divergence += divergence(whole.get(i), part.get(i));
      }
      // Logits that are NaN never compare as better.
      if (divergence < least) {
        least = divergence;
        best = steepness;
      }
    }
    return best;
  }

  /** Kullback-Leibler divergence in nats of the second softmax from the first. */
  static double divergence(float[] from, float[] to) {
    double fromSum = logSum(from);
    double toSum = logSum(to);
    double divergence = 0;
    for (int i = 0; i < from.length; i++) {
      double log = from[i] - fromSum;
      double share = Math.exp(log);
      // The rules of a package forbid tokens by a logit of negative infinity.
      divergence += share > 0 ? share * (log - (to[i] - toSum)) : 0;
    }
    return divergence;
  }

  private static double logSum(float[] logits) {
    double most = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      most = Math.max(most, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - most);
    }
    return most + Math.log(sum);
  }
}
