package dev.squint.webapp.http;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Returns the hash of a request's pictures in {@code X-Squint-Picture}, if {@code
 * squint.picture-header} is set. A client that sends it with its next question reaches the same
 * replica through a proxy that routes by it; the server itself reads nothing from it, so a wrong
 * value costs a cache miss at most.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
public final class RoutingHeader implements WebFilter {

  /** The name of the header. */
  public static final String NAME = "X-Squint-Picture";

  private static final String ATTRIBUTE = RoutingHeader.class.getName();

  /** Notes the hash, which is sent if the response has not begun. */
  public static void set(ServerWebExchange exchange, String hash) {
    exchange.getAttributes().put(ATTRIBUTE, hash);
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    exchange
        .getResponse()
        .beforeCommit(
            () -> {
              String hash = exchange.getAttribute(ATTRIBUTE);
              if (hash != null) {
                exchange.getResponse().getHeaders().set(NAME, hash);
              }
              return Mono.empty();
            });
    return chain.filter(exchange);
  }
}
