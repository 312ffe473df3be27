package dev.squint.webapp.ollama;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerFormat;
import dev.squint.webapp.http.ApiError;
import dev.squint.webapp.http.OllamaError;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import reactor.core.publisher.Flux;

/**
 * An answer as one line of JSON, or as a line for each piece.
 *
 * @param chat whether the answer is a message, or else a response to a prompt
 */
record OllamaFormat(boolean chat) implements AnswerFormat {

  @Override
  public Object document(Finished finished) {
    return OllamaAnswer.of(finished, chat, true);
  }

  @Override
  public ResponseEntity<?> stream(Flux<AnswerEvent> answer) {
    Flux<Object> lines =
        answer
            .<Object>map(event -> OllamaAnswer.of(event, chat, false))
            .switchOnFirst(
                (first, all) ->
                    first.isOnError()
                        ? all
                        : all.onErrorResume(
                            error -> Flux.just(OllamaError.of(ApiError.of(error)))));
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_NDJSON).body(lines);
  }
}
