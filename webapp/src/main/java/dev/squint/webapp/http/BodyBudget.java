package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Bounds the memory of all request bodies together. A request reserves its Content-Length before
 * its body is read, and releases it when it is answered. A request without Content-Length reserves
 * the limit of a request.
 */
@Component
@Order(0)
final class BodyBudget implements WebFilter {

  private final long most;
  private final AtomicLong left;

  BodyBudget(ServerSettings settings) {
    this.most = settings.limits().requestBytes().toBytes();
    this.left = new AtomicLong(settings.work().bodies().toBytes());
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    HttpMethod method = request.getMethod();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      return chain.filter(exchange);
    }
    long promised = request.getHeaders().getContentLength();
    if (promised > most) {
      closeAfterwards(exchange);
      return Mono.error(tooLarge());
    }
    long reserved = promised < 0 ? most : promised;
    if (left.addAndGet(-reserved) < 0) {
      left.addAndGet(reserved);
      closeAfterwards(exchange);
      return Mono.error(
          new ApiException(
                  HttpStatus.TOO_MANY_REQUESTS,
                  "server_busy",
                  null,
                  "the request bodies in memory have reached squint.work.bodies; try again later")
              .retryAfter(Duration.ofSeconds(2)));
    }
    return chain
        .filter(exchange.mutate().request(new Counted(exchange)).build())
        .doFinally(end -> left.addAndGet(reserved));
  }

  /** Otherwise the server would read the rest of a refused body. */
  private static void closeAfterwards(ServerWebExchange exchange) {
    exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
  }

  private ApiException tooLarge() {
    return ApiException.tooLarge(
        "request_too_large",
        null,
        "the request has more than %d bytes; send fewer or smaller files".formatted(most));
  }

  /** Stops reading a body that is longer than allowed. */
  private final class Counted extends ServerHttpRequestDecorator {

    private final ServerWebExchange exchange;
    private long received;

    Counted(ServerWebExchange exchange) {
      super(exchange.getRequest());
      this.exchange = exchange;
    }

    @Override
    public Flux<DataBuffer> getBody() {
      return super.getBody()
          .doOnNext(
              buffer -> {
                received += buffer.readableByteCount();
                if (received > most) {
                  // The consumer that discards the buffer releases it.
                  closeAfterwards(exchange);
                  throw tooLarge();
                }
              });
    }
  }
}
