package dev.squint.webapp.ask;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.answering.AnswerFormat;
import dev.squint.webapp.http.ApiError;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.EventWriter;
import dev.squint.webapp.http.NativeError;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;

/** An answer of Squint's own API, as a document or as its events. */
record AskFormat(EventStream streams) implements AnswerFormat, EventWriter<AnswerEvent> {

  @Override
  public Object document(Finished finished) {
    return AskAnswer.of(finished);
  }

  @Override
  public ResponseEntity<?> stream(Flux<AnswerEvent> answer) {
    return streams.of(answer, this);
  }

  @Override
  public List<ServerSentEvent<String>> events(AnswerEvent event) {
    return List.of(
        event instanceof Piece piece
            ? streams.event("text", piece)
            : streams.event("answer", AskAnswer.of((Finished) event)));
  }

  @Override
  public ServerSentEvent<String> error(ApiError error) {
    return streams.event("error", NativeError.of(error));
  }
}
