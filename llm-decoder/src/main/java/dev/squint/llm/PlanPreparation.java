package dev.squint.llm;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.Sampler;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes an open model ready for plans: reads the calibrations that they name, cuts the decoder
 * where they act, and chooses the curves that they leave open. Thread-safe.
 */
final class PlanPreparation {

  private final ModelParts parts;
  private final OpenModel open;
  private final CalibrationFiles calibrations;
  private final CurveChoice curves = new CurveChoice(this::firstLogits);

  PlanPreparation(ModelParts parts, OpenModel open, CalibrationFiles calibrations) {
    this.parts = parts;
    this.open = open;
    this.calibrations = calibrations;
  }

  /**
   * Makes the model ready for a plan. Waits for the answers in progress if the decoder must be cut.
   *
   * @return the plan with the steps of its calibration and the curve that was chosen
   * @throws IllegalArgumentException if the model cannot follow the plan
   * @throws IllegalStateException if the model is closed
   */
  PruningPlan prepare(PruningPlan given) {
    PruningPlan plan = expanded(given);
    cut(plan);
    return curves.chosen(plan);
  }

  /**
   * Checks whether the model can follow a plan; changes nothing.
   *
   * @throws IllegalArgumentException if not; the message lists what the model can do
   */
  void check(PruningPlan plan) {
    parts.check(expanded(plan));
  }

  /** The plan with the steps of the calibration that it names. */
  private PruningPlan expanded(PruningPlan plan) {
    return calibrations.expanded(plan, () -> parts.decoders().staged().layerCount());
  }

  private void cut(PruningPlan plan) {
    boolean ready = open.shared(() -> parts.serves(plan));
    if (!ready) {
      open.alone(() -> parts.decoders().staged().add(plan));
    }
  }

  /** Logits of the first token of each answer to the drawn questions. */
  private List<float[]> firstLogits(PruningPlan plan) {
    cut(plan);
    List<float[]> first = new ArrayList<>();
    Sampler reading =
        logits -> {
          first.add(logits.clone());
          return Sampler.GREEDY.next(logits);
        };
    AskOptions options =
        AskOptions.DEFAULT
            .withPlan(plan)
            .withMaxTokens(1)
            .withPromptReuse(false)
            .withSampler(() -> reading);
    for (Message question : DrawnQuestions.all()) {
      open.shared(() -> new RequestRun(parts, List.of(question), options).answer());
    }
    return first;
  }
}
