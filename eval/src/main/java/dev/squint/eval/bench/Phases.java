package dev.squint.eval.bench;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.ArrayList;
import java.util.List;

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
   * Asks a question and reads the clock at each cancellation check of the model.
   *
   * @param reuses whether the cache of the prompt is stored and reused by a later prompt
   */
  static Phases ask(
      VisionLanguageModel model, List<Message> conversation, PruningPlan plan, boolean reuses) {
    List<Clock> clocks = new ArrayList<>();
    Thread asking = Thread.currentThread();
    AskOptions options =
        AskOptions.DEFAULT
            .withPlan(plan)
            .withMaxTokens(TOKENS)
            .withPromptReuse(reuses)
            .cancelledBy(
                () -> {
                  // A watcher thread also checks for cancellation while a graph runs.
                  if (Thread.currentThread().equals(asking)) {
                    clocks.add(Clock.now());
                  }
                  return false;
                });
    Answer answer = model.ask(conversation, options);
    // The model checks after preprocessing, encoding and pruning, then before each token.
    double[] at = clocks.stream().mapToDouble(Clock::processorMillis).toArray();
    int steps = at.length - 4;
    return new Phases(
        answer,
        at[1] - at[0],
        at[3] - at[1],
        steps == 0 ? Double.NaN : (at[at.length - 1] - at[3]) / steps);
  }
}
