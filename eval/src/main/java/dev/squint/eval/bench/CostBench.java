package dev.squint.eval.bench;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;

/** Compares the time shares that {@code squint inspect} estimates with those of real answers. */
final class CostBench {

  private static final PruningPlan ONE_TILE = PruningPlan.parse("tiles:text(crops=0)");

  private CostBench() {}

  /** Compares estimate and measurement for answers about pictures of one tile. */
  static Section measure(VisionLanguageModel model, int rounds) {
    int[] seed = {1000};
    List<Phases> last = new ArrayList<>();
    Rounds measured =
        Rounds.interleaved(
            rounds,
            List.of(
                () -> {
                  Phases phases = Phases.ask(model, PictureBench.picture(256, seed[0]++), ONE_TILE);
                  last.add(phases);
                  double steps = phases.answer().completionTokens() - 1;
                  return new double[] {phases.encode(), phases.prefill(), phases.decode() * steps};
                }));
    Phases answer = last.get(last.size() - 1);
    double tiles = answer.answer().encoding().encodedTiles();
    double tokensPerTile =
        (double) answer.answer().visualTokens() / answer.answer().encoding().tiles();
    TimeShares estimate =
        TimeShares.estimate(
                model,
                tiles * tokensPerTile,
                answer.answer().promptTokens(),
                answer.answer().completionTokens() - 1)
            .orElseThrow();
    TimeShares found =
        new TimeShares(measured.median(0, 0), measured.median(0, 1), measured.median(0, 2));
    Section section =
        new Section(
            "cost",
            "Time of an answer (%.0f tile, %d prompt tokens, %d answer tokens) as 'squint inspect' estimates it and as measured; %d rounds; processor milliseconds."
                .formatted(
                    tiles,
                    answer.answer().promptTokens(),
                    answer.answer().completionTokens(),
                    rounds));
    compare(section, "encode", estimate.encoder(), found.encoder(), estimate, found);
    compare(section, "prefill", estimate.prefill(), found.prefill(), estimate, found);
    compare(section, "decode", estimate.decode(), found.decode(), estimate, found);
    return section;
  }

  private static void compare(
      Section section,
      String phase,
      double estimated,
      double found,
      TimeShares allEstimated,
      TimeShares allFound) {
    double estimatedShare = estimated / sum(allEstimated);
    double foundShare = found / sum(allFound);
    section.row(
        "phase", phase,
        "estimated", estimated,
        "measured", found,
        "estimated share", estimatedShare,
        "measured share", foundShare);
    section.goal(
        phase + ", share estimated by share measured, off by",
        0.2,
        Math.abs(estimatedShare / foundShare - 1));
  }

  private static double sum(TimeShares shares) {
    return shares.encoder() + shares.prefill() + shares.decode();
  }
}
