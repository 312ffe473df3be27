package dev.squint.webapp.answering;

import dev.squint.llm.decoder.Sampler;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is asked, complete and checked.
 *
 * @param conversation the last turn is the one to answer
 * @param plan which visual tokens are looked at
 * @param maxTokens the most tokens of the answer
 * @param sampler makes the sampler of the answer
 * @param stops texts before which the answer ends
 * @param wantsMap whether to report what happened to each visual token
 */
public record QuestionRequest(
    List<Turn> conversation,
    PruningPlan plan,
    int maxTokens,
    Supplier<Sampler> sampler,
    List<String> stops,
    boolean wantsMap) {

  /** Keeps its own copies of the lists. */
  public QuestionRequest {
    conversation = List.copyOf(conversation);
    stops = List.copyOf(stops);
  }

  /** The same about a conversation. */
  public QuestionRequest about(List<Turn> conversation) {
    return new QuestionRequest(conversation, plan, maxTokens, sampler, stops, wantsMap);
  }
}
