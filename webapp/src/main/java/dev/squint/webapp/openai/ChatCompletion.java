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
 * @param id of the answer
 * @param object {@code chat.completion}
 * @param created seconds since 1970
 * @param model id of the model
 * @param choices one answer
 * @param usage tokens
 * @param squint Squint's own: what was measured
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

  /** What the model said. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Reply(String role, String content, @Nullable String refusal) {}

  /** Tokens of prompt and answer; visual tokens belong to the prompt. */
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
   * What the prompt's tokens are.
   *
   * @param cachedTokens those that an earlier prompt began with too, so that they were not computed
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

  /** Stop and length are called the same in both. */
  static String reason(FinishReason reason) {
    return reason.toString();
  }
}
