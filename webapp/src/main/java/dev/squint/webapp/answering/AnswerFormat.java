package dev.squint.webapp.answering;

import dev.squint.webapp.answering.AnswerEvent.Finished;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How an API writes one answer: as a JSON document, or piece by piece. */
public interface AnswerFormat {

  /** The whole answer, which is written as JSON. */
  Object document(Finished finished);

  /** A response that sends each piece of the answer when it is there. */
  ResponseEntity<?> stream(Flux<AnswerEvent> answer);

  /** The response with an answer, as a document or as a stream. */
  default Mono<ResponseEntity<?>> response(Flux<AnswerEvent> answer, boolean streamed) {
    if (streamed) {
      return Mono.just(stream(answer));
    }
    return answer
        .ofType(Finished.class)
        .next()
        .map(
            finished ->
                ResponseEntity.ok()
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(document(finished)));
  }
}
