package dev.squint.webapp.http;

import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Serves {@code index.html} at {@code /}. Spring's own welcome page does not answer HEAD, and its
 * response ends a connection on which further requests wait.
 */
@Component
final class PageAddress implements WebFilter {

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpMethod method = exchange.getRequest().getMethod();
    String path = exchange.getRequest().getPath().pathWithinApplication().value();
    boolean read = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    if (!read || !(path.isEmpty() || path.equals("/"))) {
      return chain.filter(exchange);
    }
    String context = exchange.getRequest().getPath().contextPath().value();
    return chain.filter(
        exchange.mutate().request(request -> request.path(context + "/index.html")).build());
  }
}
