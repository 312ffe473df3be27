package dev.squint.webapp.anthropic;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.FinishReason;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.Measurements;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** An answer in the form of Anthropic's Messages API; {@code squint} is Squint's extension. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
record AnthropicMessage(
    String id,
    String type,
    String role,
    String model,
    List<TextBlock> content,
    @Nullable String stopReason,
    @Nullable String stopSequence,
    TokenUsage usage,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Measurements squint) {

  /** A text. */
  record TextBlock(String type, String text) {}

  /** Tokens of prompt and answer; those of the cache are apart. */
  @JsonNaming(SnakeCaseStrategy.class)
  record TokenUsage(
      int inputTokens, int outputTokens, int cacheReadInputTokens, int cacheCreationInputTokens) {

    static TokenUsage of(Finished finished) {
      int cached = finished.measured().reusedTokens();
      return new TokenUsage(
          finished.promptTokens() - cached, finished.completionTokens(), cached, 0);
    }
  }

  /** The message of an answer that has not begun. */
  static AnthropicMessage started(String id, String model) {
    return new AnthropicMessage(
        id, "message", "assistant", model, List.of(), null, null, new TokenUsage(0, 0, 0, 0), null);
  }

  static AnthropicMessage of(String id, Finished finished) {
    return new AnthropicMessage(
        id,
        "message",
        "assistant",
        finished.model(),
        List.of(new TextBlock("text", finished.text())),
        stopReason(finished),
        null,
        TokenUsage.of(finished),
        finished.measured());
  }

  static String stopReason(Finished finished) {
    return finished.reason() == FinishReason.LENGTH ? "max_tokens" : "end_turn";
  }
}
