package dev.squint.webapp.ollama;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.answering.Measurements;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One line of an answer in Ollama's form; durations are in nanoseconds. The last line has the
 * figures, and {@code squint}, which is Squint's extension.
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record OllamaAnswer(
    String model,
    String createdAt,
    @Nullable OutputMessage message,
    @Nullable String response,
    boolean done,
    @Nullable String doneReason,
    @Nullable Long totalDuration,
    @Nullable Long loadDuration,
    @Nullable Integer promptEvalCount,
    @Nullable Long promptEvalDuration,
    @Nullable Integer evalCount,
    @Nullable Long evalDuration,
    @Nullable Measurements squint) {

  private static final double NANOS_PER_MILLI = 1e6;

  /** A message of the model. */
  record OutputMessage(String role, String content) {}

  /**
   * A line for an event.
   *
   * @param chat whether the answer is a message, or else a response to a prompt
   * @param whole whether the last line has the whole text
   */
  static OllamaAnswer of(AnswerEvent event, boolean chat, boolean whole) {
    if (event instanceof Piece piece) {
      return line(piece.model(), piece.text(), chat, null);
    }
    Finished finished = (Finished) event;
    return line(finished.model(), whole ? finished.text() : "", chat, finished);
  }

  private static OllamaAnswer line(
      String model, String text, boolean chat, @Nullable Finished end) {
    Measurements.TimingsMs times = end == null ? null : end.measured().timingsMs();
    return new OllamaAnswer(
        model,
        Instant.now().toString(),
        chat ? new OutputMessage("assistant", text) : null,
        chat ? null : text,
        end != null,
        end == null ? null : end.reason().toString(),
        times == null ? null : nanos(times.total()),
        times == null ? null : 0L,
        end == null ? null : end.promptTokens(),
        times == null ? null : nanos(times.firstToken()),
        end == null ? null : end.completionTokens(),
        times == null ? null : nanos(times.decode()),
        end == null ? null : end.measured());
  }

  private static long nanos(double millis) {
    return Math.round(millis * NANOS_PER_MILLI);
  }
}
