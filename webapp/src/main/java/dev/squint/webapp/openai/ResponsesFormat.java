package dev.squint.webapp.openai;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.answering.AnswerFormat;
import dev.squint.webapp.http.ApiError;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.EventWriter;
import dev.squint.webapp.openai.ResponseDocument.OutputText;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;

/**
 * An answer as a response document, or as its numbered events.
 *
 * @param number number of the next event
 */
record ResponsesFormat(EventStream streams, ResponseDocument.Ids ids, AtomicInteger number)
    implements AnswerFormat, EventWriter<AnswerEvent> {

  static ResponsesFormat of(EventStream streams, String model) {
    String random = UUID.randomUUID().toString().replace("-", "");
    return new ResponsesFormat(
        streams,
        new ResponseDocument.Ids(
            "resp_" + random, "msg_" + random, Instant.now().getEpochSecond(), model),
        new AtomicInteger());
  }

  @Override
  public Object document(Finished finished) {
    return ids.finished(finished);
  }

  @Override
  public ResponseEntity<?> stream(Flux<AnswerEvent> answer) {
    return streams.of(answer, this);
  }

  @Override
  public List<ServerSentEvent<String>> start() {
    return List.of(
        event("response.created", Map.of("response", ids.started())),
        event("response.in_progress", Map.of("response", ids.started())),
        event(
            "response.output_item.added",
            Map.of("output_index", 0, "item", ids.item("in_progress", List.of()))),
        part("response.content_part.added", "part", OutputText.of("")));
  }

  @Override
  public List<ServerSentEvent<String>> events(AnswerEvent event) {
    if (event instanceof Piece piece) {
      return List.of(part("response.output_text.delta", "delta", piece.text()));
    }
    Finished finished = (Finished) event;
    ResponseDocument whole = ids.finished(finished);
    return List.of(
        part("response.output_text.done", "text", finished.text()),
        part("response.content_part.done", "part", OutputText.of(finished.text())),
        event(
            "response.output_item.done", Map.of("output_index", 0, "item", whole.output().get(0))),
        event("response." + whole.status(), Map.of("response", whole)));
  }

  @Override
  public ServerSentEvent<String> error(ApiError error) {
    return event("error", Map.of("code", error.code(), "message", error.message()));
  }

  private ServerSentEvent<String> part(String type, String name, Object value) {
    return event(
        type, Map.of("item_id", ids.message(), "output_index", 0, "content_index", 0, name, value));
  }

  private ServerSentEvent<String> event(String type, Map<String, ?> fields) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", type);
    data.put("sequence_number", number.getAndIncrement());
    data.putAll(fields);
    return streams.event(type, data);
  }
}
