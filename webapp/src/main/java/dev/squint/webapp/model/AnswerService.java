package dev.squint.webapp.model;

import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerQueue;
import dev.squint.webapp.answering.QuestionRequest;
import dev.squint.webapp.answering.ServedModel;
import dev.squint.webapp.http.ClientConnection;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.http.RoutingHeader;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Answers the question of a request: finds the model, reads the question, waits in the queue and
 * answers, all within the deadline. Every API translates to and from this one method.
 */
@Component
public final class AnswerService {

  private final ModelRegistry models;
  private final AnswerQueue queue;
  private final Duration deadline;
  private final boolean named;
  private final boolean slow;

  AnswerService(ModelRegistry models, AnswerQueue queue, ServerSettings settings) {
    this.models = models;
    this.queue = queue;
    this.deadline = settings.work().deadline();
    this.named = settings.pictureHeader();
    this.slow = named || settings.role() == ServerSettings.Role.ANSWER;
  }

  /** Receives the body of a request, within the deadline. */
  public <T> Mono<T> receive(RequestContext request, Mono<T> body) {
    return request.within(deadline, body.flux()).next();
  }

  /**
   * Answers a question, within the deadline. With {@code squint.picture-header}, the response names
   * its pictures ({@link RoutingHeader}).
   *
   * @param model the name of the model in the request; null for the default
   * @param reader makes the question for the model
   */
  public Flux<AnswerEvent> answer(
      ServerWebExchange exchange,
      @Nullable String model,
      Function<ServedModel, Mono<QuestionRequest>> reader) {
    RequestContext request = RequestContext.of(exchange);
    Flux<AnswerEvent> answer =
        models
            .acquire(model)
            .flatMapMany(
                lease ->
                    read(exchange, reader, lease.model())
                        .flatMap(question -> queue.answer(lease.model(), question, request))
                        .doFinally(end -> lease.release().run()));
    return request.within(deadline, ClientConnection.whileOpen(exchange, answer));
  }

  private Flux<QuestionRequest> read(
      ServerWebExchange exchange,
      Function<ServedModel, Mono<QuestionRequest>> reader,
      ServedModel model) {
    Mono<QuestionRequest> read = Mono.defer(() -> reader.apply(model));
    // The threads of HTTP neither hash megabytes nor wait until an encode replica checked a plan.
    Flux<QuestionRequest> after =
        slow ? read.publishOn(Schedulers.boundedElastic()).flux() : read.flux();
    return named
        ? after.doOnNext(
            question -> question.pictureHash().ifPresent(hash -> RoutingHeader.set(exchange, hash)))
        : after;
  }
}
