package dev.squint.webapp.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.FinishReason;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.Measurements;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** An answer in the form of OpenAI's responses; {@code squint} is Squint's extension. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
record ResponseDocument(
    String id,
    String object,
    long createdAt,
    String status,
    @Nullable IncompleteDetails incompleteDetails,
    @Nullable Object error,
    String model,
    List<OutputItem> output,
    boolean parallelToolCalls,
    String toolChoice,
    List<Object> tools,
    @Nullable ResponseUsage usage,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Measurements squint) {

  /** Why an answer is incomplete. */
  record IncompleteDetails(String reason) {}

  /** A message of the model. */
  record OutputItem(String type, String id, String status, String role, List<OutputText> content) {}

  /** The text of a message. */
  record OutputText(String type, String text, List<Object> annotations) {

    static OutputText of(String text) {
      return new OutputText("output_text", text, List.of());
    }
  }

  /** Tokens of prompt and answer. */
  @JsonNaming(SnakeCaseStrategy.class)
  record ResponseUsage(
      int inputTokens,
      InputDetails inputTokensDetails,
      int outputTokens,
      OutputDetails outputTokensDetails,
      int totalTokens) {}

  /** Tokens of the prompt whose keys and values an earlier prompt left. */
  @JsonNaming(SnakeCaseStrategy.class)
  record InputDetails(int cachedTokens) {}

  /** Tokens of reasoning; always 0. */
  @JsonNaming(SnakeCaseStrategy.class)
  record OutputDetails(int reasoningTokens) {}

  /** The ids of an answer. */
  record Ids(String response, String message, long created, String model) {

    ResponseDocument started() {
      return document("in_progress", List.of(), null, null, null);
    }

    OutputItem item(String status, List<OutputText> content) {
      return new OutputItem("message", message, status, "assistant", content);
    }

    ResponseDocument finished(Finished finished) {
      boolean complete = finished.reason() != FinishReason.LENGTH;
      int prompt = finished.promptTokens();
      int answer = finished.completionTokens();
      return document(
          complete ? "completed" : "incomplete",
          List.of(
              item(complete ? "completed" : "incomplete", List.of(OutputText.of(finished.text())))),
          complete ? null : new IncompleteDetails("max_output_tokens"),
          new ResponseUsage(
              prompt,
              new InputDetails(finished.measured().reusedTokens()),
              answer,
              new OutputDetails(0),
              prompt + answer),
          finished.measured());
    }

    private ResponseDocument document(
        String status,
        List<OutputItem> output,
        @Nullable IncompleteDetails incomplete,
        @Nullable ResponseUsage usage,
        @Nullable Measurements measured) {
      return new ResponseDocument(
          response,
          "response",
          created,
          status,
          incomplete,
          null,
          model,
          output,
          false,
          "none",
          List.of(),
          usage,
          measured);
    }
  }
}
