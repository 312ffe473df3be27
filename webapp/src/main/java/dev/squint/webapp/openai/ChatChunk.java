package dev.squint.webapp.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.Measurements;
import dev.squint.webapp.openai.ChatCompletion.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A chunk of a streamed answer in OpenAI's form.
 *
 * @param id id of the answer
 * @param object {@code chat.completion.chunk}
 * @param created seconds since 1970
 * @param model id of the model
 * @param choices one piece; none in the chunk with the usage
 * @param usage tokens, in the last chunk if requested
 * @param squint Squint's extension: figures, in the chunk with the finish reason
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ChatChunk(
    String id,
    String object,
    long created,
    String model,
    List<ChunkChoice> choices,
    @Nullable Usage usage,
    @Nullable Measurements squint) {

  /** A piece of the answer. */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record ChunkChoice(
      int index, Delta delta, @Nullable Object logprobs, @Nullable String finishReason) {}

  /** The new text. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Delta(@Nullable String role, @Nullable String content) {}

  /** Makes the chunks of one answer. */
  record Writer(String id, long created, String model) {

    /** The first chunk, with the role. */
    ChatChunk role() {
      return chunk(new Delta("assistant", ""), null, null);
    }

    ChatChunk piece(String text) {
      return chunk(new Delta(null, text), null, null);
    }

    ChatChunk end(Finished finished) {
      return chunk(
          new Delta(null, null), ChatCompletion.reason(finished.reason()), finished.measured());
    }

    ChatChunk usage(Finished finished) {
      return new ChatChunk(
          id, "chat.completion.chunk", created, model, List.of(), Usage.of(finished), null);
    }

    private ChatChunk chunk(Delta delta, @Nullable String reason, @Nullable Measurements measured) {
      return new ChatChunk(
          id,
          "chat.completion.chunk",
          created,
          model,
          List.of(new ChunkChoice(0, delta, null, reason)),
          null,
          measured);
    }
  }
}
