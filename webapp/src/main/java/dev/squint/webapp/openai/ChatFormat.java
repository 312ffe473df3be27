package dev.squint.webapp.openai;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.answering.AnswerFormat;
import dev.squint.webapp.http.ApiError;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.EventWriter;
import dev.squint.webapp.http.OpenAiError;
import dev.squint.webapp.openai.ChatRequest.StreamOptions;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;

/**
 * An answer as a chat completion, or as its chunks.
 *
 * @param usage whether a chunk before the end reports the number of tokens
 */
record ChatFormat(EventStream streams, ChatChunk.Writer chunks, boolean usage)
    implements AnswerFormat, EventWriter<AnswerEvent> {

  private static final String DONE = "[DONE]";

  static ChatFormat of(EventStream streams, ChatRequest request, String model) {
    StreamOptions options = request.streamOptions();
    return new ChatFormat(
        streams,
        new ChatChunk.Writer(
            "chatcmpl-" + UUID.randomUUID(), Instant.now().getEpochSecond(), model),
        options != null && Boolean.TRUE.equals(options.includeUsage()));
  }

  @Override
  public Object document(Finished finished) {
    return ChatCompletion.of(chunks.id(), chunks.created(), chunks.model(), finished);
  }

  @Override
  public ResponseEntity<?> stream(Flux<AnswerEvent> answer) {
    return streams.of(answer, this);
  }

  @Override
  public List<ServerSentEvent<String>> start() {
    return List.of(streams.event(null, chunks.role()));
  }

  @Override
  public List<ServerSentEvent<String>> events(AnswerEvent event) {
    if (event instanceof Piece piece) {
      return List.of(streams.event(null, chunks.piece(piece.text())));
    }
    Finished finished = (Finished) event;
    ServerSentEvent<String> end = streams.event(null, chunks.end(finished));
    ServerSentEvent<String> done = streams.event(null, DONE);
    return usage
        ? List.of(end, streams.event(null, chunks.usage(finished)), done)
        : List.of(end, done);
  }

  @Override
  public ServerSentEvent<String> error(ApiError error) {
    return streams.event(null, OpenAiError.of(error));
  }
}
