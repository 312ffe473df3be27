package dev.squint.eval.bench;

import dev.squint.eval.cost.DecoderCost;
import dev.squint.llm.Answer;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Compares the time that plans save with the operations that they save. */
final class PlanBench {

  private PlanBench() {}

  /** Compares plans on a picture that is already encoded; the first plan is the base. */
  static Section measure(
      VisionLanguageModel model, Picture picture, List<PruningPlan> plans, int rounds) {
    List<Answer> last = new ArrayList<>();
    List<Supplier<double[]>> runs = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      int plan = i;
      last.add(Phases.ask(model, picture, plans.get(i)).answer());
      runs.add(
          () -> {
            Phases phases = Phases.ask(model, picture, plans.get(plan));
            last.set(plan, phases.answer());
            var timings = phases.answer().timings();
            return new double[] {
              timings.prefillMillis() + timings.pruneMillis(),
              phases.prefill(),
              phases.decode(),
              timings.pruneMillis(),
              timings.firstTokenMillis()
            };
          });
    }
    Rounds measured = Rounds.interleaved(rounds, runs);
    Section section =
        new Section(
            "plans",
            "A question about an already encoded picture of %d visual tokens; %d rounds; wall-clock and processor milliseconds. Prefill includes pruning."
                .formatted(last.get(0).visualTokens(), rounds));
    DecoderCost cost = DecoderCost.of(model);
    double all = cost.prefillOfRuns(last.get(0).prefillRuns());
    for (int i = 0; i < plans.size(); i++) {
      String plan = plans.get(i).toString();
      double operations = cost.prefillOfRuns(last.get(i).prefillRuns()) / all;
      double pruning = measured.median(i, 3) / measured.median(i, 0);
      section.row(
          "plan", plan,
          "prefill", measured.median(i, 0),
          "ratio", measured.ratio(i, 0, 0),
          "prefill, processors", measured.median(i, 1),
          "ratio of processors", measured.ratio(i, 0, 1),
          "ratio of operations", operations,
          "decode a token, processors", measured.median(i, 2),
          "ratio of decode", measured.ratio(i, 0, 2),
          "pruning", measured.median(i, 3),
          "share of pruning", pruning,
          "first token", measured.median(i, 4));
      if (i > 0) {
        section.goal(
            plan + ", prefill by operations, processors",
            1.15,
            measured.ratio(i, 0, 1) / operations);
        section.goal(plan + ", decode by that without a plan", 1, measured.ratio(i, 0, 2));
        section.goal(
            plan + ", pruning by prefill without a plan",
            0.02,
            measured.median(i, 3) / measured.median(0, 0));
      }
    }
    return section;
  }
}
