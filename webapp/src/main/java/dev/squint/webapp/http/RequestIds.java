package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The first filter: gives each request an id, or takes the one of the client, returns it in {@code
 * X-Request-Id}, and writes the access log.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RequestIds implements WebFilter {

  static final String HEADER = "X-Request-Id";

  /** Other ids could forge lines of a log. */
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

  private static final Logger ACCESS = LoggerFactory.getLogger("squint.access");
  private static final int MOST_OF_A_PATH = 200;

  private final boolean accessLog;

  RequestIds(ServerSettings settings) {
    this.accessLog = settings.accessLog();
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    String given = exchange.getRequest().getHeaders().getFirst(HEADER);
    String id =
        given != null && ALLOWED.matcher(given).matches() ? given : UUID.randomUUID().toString();
    InetSocketAddress address = exchange.getRequest().getRemoteAddress();
    String parent = exchange.getRequest().getHeaders().getFirst("traceparent");
    new RequestContext(id, host(address), System.nanoTime(), parent).attach(exchange);
    exchange.getResponse().getHeaders().set(HEADER, id);
    Mono<Void> handled = chain.filter(exchange);
    return accessLog ? handled.doFinally(end -> log(exchange)) : handled;
  }

  private static String host(@Nullable InetSocketAddress address) {
    return address == null ? "unknown" : address.getHostString();
  }

  private static void log(ServerWebExchange exchange) {
    RequestContext context = RequestContext.of(exchange);
    String path = exchange.getRequest().getPath().value().replaceAll("\\p{Cntrl}", "?");
    ACCESS
        .atInfo()
        .addKeyValue("request", context.id())
        .addKeyValue("client", context.client())
        .log(
            "{} {} {} {} ms, client {}, request {}",
            exchange.getRequest().getMethod(),
            path.length() <= MOST_OF_A_PATH ? path : path.substring(0, MOST_OF_A_PATH) + "...",
            exchange.getResponse().getStatusCode(),
            context.age().toMillis(),
            context.client(),
            context.id());
  }
}
