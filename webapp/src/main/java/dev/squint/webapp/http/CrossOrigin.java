package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/** Lets pages of the origins of {@code squint.cors.origins} call the server. */
final class CrossOrigin {

  private static final String REQUESTED_METHOD = HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD;

  private final Set<String> origins;

  CrossOrigin(ServerSettings.Cors settings) {
    this.origins = Set.copyOf(settings.origins());
  }

  boolean allows(HttpHeaders request) {
    String origin = request.getOrigin();
    return origin != null && (origins.contains("*") || origins.contains(origin));
  }

  /** A browser's question whether a page may send a request; it has no key yet. */
  boolean isPreflight(ServerHttpRequest request) {
    return request.getMethod().equals(HttpMethod.OPTIONS)
        && request.getHeaders().containsHeader(REQUESTED_METHOD);
  }

  /** Names the origin itself, never all, so that caches do not mix origins. */
  void addHeaders(ServerWebExchange exchange) {
    HttpHeaders request = exchange.getRequest().getHeaders();
    HttpHeaders response = exchange.getResponse().getHeaders();
    response.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, request.getOrigin());
    response.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    response.set(
        HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS,
        "X-Request-Id, Retry-After, " + RoutingHeader.NAME);
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    if (isPreflight(exchange.getRequest())) {
      response.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST");
      response.set(
          HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
          "Authorization, Content-Type, X-Api-Key, X-Request-Id, Anthropic-Version, "
              + RoutingHeader.NAME);
      response.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
    }
  }
}
