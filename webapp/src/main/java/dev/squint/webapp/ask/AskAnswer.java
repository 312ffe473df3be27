package dev.squint.webapp.ask;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.Measurements;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * An answer of Squint's own API.
 *
 * @param text text of the answer
 * @param model id of the model
 * @param finishReason {@code stop} or {@code length}
 * @param promptTokens tokens of the prompt, visual ones included
 * @param completionTokens tokens of the answer
 * @param measured tokens, times and memory
 */
@JsonNaming(SnakeCaseStrategy.class)
record AskAnswer(
    String text,
    String model,
    String finishReason,
    int promptTokens,
    int completionTokens,
    @JsonUnwrapped Measurements measured) {

  static AskAnswer of(Finished finished) {
    return new AskAnswer(
        finished.text(),
        finished.model(),
        finished.reason().toString(),
        finished.promptTokens(),
        finished.completionTokens(),
        finished.measured());
  }
}
