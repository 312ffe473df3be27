package dev.squint.webapp.answering;

import dev.squint.pruner.plan.PruningPlan;
import java.util.List;

/**
 * A question, complete and checked.
 *
 * @param conversation the last turn is the one to answer
 * @param plan which visual tokens are kept
 * @param maxTokens limit of the answer's tokens
 * @param sampling how the tokens of the answer are chosen
 * @param stops texts that end the answer
 * @param wantsMap whether to report the reduction of each visual token
 */
public record QuestionRequest(
    List<Turn> conversation,
    PruningPlan plan,
    int maxTokens,
    SamplingFields sampling,
    List<String> stops,
    boolean wantsMap) {

  /** Keeps its own copies of the lists. */
  public QuestionRequest {
    conversation = List.copyOf(conversation);
    stops = List.copyOf(stops);
  }

  /** Whether there are files to decode. */
  boolean hasMedia() {
    return conversation.stream()
        .flatMap(turn -> turn.parts().stream())
        .anyMatch(Turn.Part.Media.class::isInstance);
  }

  /** The same question with another limit of the answer's tokens. */
  QuestionRequest withMaxTokens(int maxTokens) {
    return new QuestionRequest(conversation, plan, maxTokens, sampling, stops, wantsMap);
  }

  /** The same question with another conversation. */
  public QuestionRequest about(List<Turn> conversation) {
    return new QuestionRequest(conversation, plan, maxTokens, sampling, stops, wantsMap);
  }
}
