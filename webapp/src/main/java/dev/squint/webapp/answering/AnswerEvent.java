package dev.squint.webapp.answering;

import dev.squint.llm.FinishReason;

/** An event of an answer: pieces of text, then the end. */
public sealed interface AnswerEvent {

  /** Id of the model. */
  String model();

  /** Text that continues the answer. */
  record Piece(String model, String text) implements AnswerEvent {}

  /**
   * The answer is complete.
   *
   * @param model id of the model
   * @param text the whole answer
   * @param reason why it ended; never {@link FinishReason#CANCELLED}
   * @param promptTokens tokens of the prompt, visual ones included
   * @param completionTokens tokens of the answer
   * @param measured tokens, times and memory
   */
  record Finished(
      String model,
      String text,
      FinishReason reason,
      int promptTokens,
      int completionTokens,
      Measurements measured)
      implements AnswerEvent {}
}
