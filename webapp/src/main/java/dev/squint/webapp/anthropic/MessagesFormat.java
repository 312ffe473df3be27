package dev.squint.webapp.anthropic;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.answering.AnswerFormat;
import dev.squint.webapp.http.AnthropicError;
import dev.squint.webapp.http.ApiError;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.EventWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;

/** An answer as a message, or as its events. */
record MessagesFormat(EventStream streams, String id, String model)
    implements AnswerFormat, EventWriter<AnswerEvent> {

  static MessagesFormat of(EventStream streams, String model) {
    return new MessagesFormat(
        streams, "msg_" + UUID.randomUUID().toString().replace("-", ""), model);
  }

  @Override
  public Object document(Finished finished) {
    return AnthropicMessage.of(id, finished);
  }

  @Override
  public ResponseEntity<?> stream(Flux<AnswerEvent> answer) {
    return streams.of(answer, this);
  }

  @Override
  public List<ServerSentEvent<String>> start() {
    return List.of(
        event("message_start", Map.of("message", AnthropicMessage.started(id, model))),
        event(
            "content_block_start",
            Map.of("index", 0, "content_block", Map.of("type", "text", "text", ""))));
  }

  @Override
  public List<ServerSentEvent<String>> events(AnswerEvent event) {
    if (event instanceof Piece piece) {
      return List.of(
          event(
              "content_block_delta",
              Map.of("index", 0, "delta", Map.of("type", "text_delta", "text", piece.text()))));
    }
    Finished finished = (Finished) event;
    return List.of(
        event("content_block_stop", Map.of("index", 0)),
        event(
            "message_delta",
            Map.of(
                "delta",
                Map.of("stop_reason", AnthropicMessage.stopReason(finished)),
                "usage",
                AnthropicMessage.TokenUsage.of(finished),
                "squint",
                finished.measured())),
        event("message_stop", Map.of()));
  }

  @Override
  public ServerSentEvent<String> error(ApiError error) {
    return streams.event("error", AnthropicError.of(error));
  }

  private ServerSentEvent<String> event(String type, Map<String, ?> fields) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", type);
    data.putAll(fields);
    return streams.event(type, data);
  }
}
