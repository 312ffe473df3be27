package dev.squint.webapp.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What is known of a request apart from its content.
 *
 * @param id id of the request, for logs and errors
 * @param client name of the client's key, or its address
 * @param startedNanos {@link System#nanoTime} when the head of the request had arrived
 * @param parent the span that the request belongs to, as {@code traceparent} gives it; or null
 */
public record RequestContext(String id, String client, long startedNanos, @Nullable String parent) {

  private static final String ATTRIBUTE = RequestContext.class.getName();

  /** The context of a request. */
  public static RequestContext of(ServerWebExchange exchange) {
    RequestContext context = exchange.getAttribute(ATTRIBUTE);
    if (context == null) {
      throw new IllegalStateException("the request has not passed the filter of request ids");
    }
    return context;
  }

  void attach(ServerWebExchange exchange) {
    exchange.getAttributes().put(ATTRIBUTE, this);
  }

  RequestContext withClient(String client) {
    return new RequestContext(id, client, startedNanos, parent);
  }

  /** Time since the request started. */
  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /**
   * Ends a flow with an error when the request is older than the deadline, whatever runs then. The
   * flow is cancelled.
   */
  public <T> Flux<T> within(Duration deadline, Flux<T> flow) {
    Duration left = deadline.minus(age());
    AtomicBoolean late = new AtomicBoolean();
    // An error of the timer would not cancel the flow, so the timer gives a value.
    Mono<Long> timer =
        Mono.delay(left.isNegative() ? Duration.ZERO : left).doOnNext(tick -> late.set(true));
    Mono<T> error = Mono.error(() -> ApiException.late(deadline));
    return flow.takeUntilOther(timer)
        .concatWith(Mono.defer(() -> late.get() ? error : Mono.empty()));
  }
}
