package dev.squint.eval.bench;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.FinishReason;
import dev.squint.llm.RequestPhase;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * An answer with the processor time of its phases.
 *
 * @param answer the answer
 * @param encode tiles to visual tokens, processor milliseconds
 * @param prefill pruning and the decoder's prefill, processor milliseconds
 * @param decode processor milliseconds per decoded token
 */
record Phases(Answer answer, double encode, double prefill, double decode) {

  private static final String QUESTION = "What is shown here?";
  private static final int TOKENS = 17;

  /** Asks the question without prefix reuse. */
  static Phases ask(VisionLanguageModel model, Picture picture, PruningPlan plan) {
    return ask(model, List.of(Message.user(List.of(picture), QUESTION)), plan, false);
  }

  /**
   * Asks a question and reads the clock at the end of each phase.
   *
   * @param reuses whether the cache of the prompt is stored and reused by a later prompt
   */
  static Phases ask(
      VisionLanguageModel model, List<Message> conversation, PruningPlan plan, boolean reuses) {
    Map<RequestPhase, Double> ends = new EnumMap<>(RequestPhase.class);
    AskOptions options =
        AskOptions.DEFAULT
            .withPlan(plan)
            .withMaxTokens(TOKENS)
            .withPromptReuse(reuses)
            .notifyingOf(phase -> ends.put(phase, Clock.now().processorMillis()));
    Answer answer = model.ask(conversation, options);
    // The stop token takes a step too.
    int steps = answer.completionTokens() - (answer.finishReason() == FinishReason.STOP ? 0 : 1);
    return new Phases(
        answer,
        between(ends, RequestPhase.PREPROCESS, RequestPhase.ENCODE),
        between(ends, RequestPhase.ENCODE, RequestPhase.PREFILL),
        steps < 1
            ? Double.NaN
            : between(ends, RequestPhase.PREFILL, RequestPhase.GENERATE) / steps);
  }

  private static double between(
      Map<RequestPhase, Double> ends, RequestPhase from, RequestPhase to) {
    return ends.getOrDefault(to, Double.NaN) - ends.getOrDefault(from, Double.NaN);
  }
}
