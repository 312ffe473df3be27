package dev.squint.webapp.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.FinishReason;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.Measurements;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * An answer in OpenAI's form.
 *
 * @param id id of the answer
 * @param object {@code chat.completion}
 * @param created seconds since 1970
 * @param model id of the model
 * @param choices one answer
 * @param usage tokens
 * @param squint Squint's extension: figures
 */
record ChatCompletion(
    String id,
    String object,
    long created,
    String model,
    List<Choice> choices,
    Usage usage,
    Measurements squint) {

  /** The answer. */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Choice(int index, Reply message, @Nullable Object logprobs, String finishReason) {}

  /** The message of the model. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Reply(String role, String content, @Nullable String refusal) {}

  /** Tokens of prompt and answer; visual tokens are part of the prompt. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Usage(
      int promptTokens,
      int completionTokens,
      int totalTokens,
      PromptTokensDetails promptTokensDetails) {

    static Usage of(Finished finished) {
      return new Usage(
          finished.promptTokens(),
          finished.completionTokens(),
          finished.promptTokens() + finished.completionTokens(),
          new PromptTokensDetails(finished.measured().reusedTokens()));
    }
  }

  /**
   * Details of the prompt's tokens.
   *
   * @param cachedTokens first tokens whose keys and values an earlier prompt left
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record PromptTokensDetails(int cachedTokens) {}

  static ChatCompletion of(String id, long created, String model, Finished finished) {
    return new ChatCompletion(
        id,
        "chat.completion",
        created,
        model,
        List.of(
            new Choice(
                0, new Reply("assistant", finished.text(), null), null, reason(finished.reason()))),
        Usage.of(finished),
        finished.measured());
  }

  /** The names of stop and length are the same. */
  static String reason(FinishReason reason) {
    return reason.toString();
  }
}
