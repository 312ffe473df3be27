package dev.squint.webapp.http;

import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Writes errors in the form of the called API. */
@Component
@Order(-2)
final class ErrorWriter implements WebExceptionHandler {

  private static final Set<String> OLLAMA =
      Set.of("/api/chat", "/api/generate", "/api/tags", "/api/show", "/api/version");

  private final JsonMapper json;

  ErrorWriter(JsonMapper json) {
    this.json = json;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable error) {
    ServerHttpResponse response = exchange.getResponse();
    if (response.isCommitted()) {
      return Mono.error(error);
    }
    ApiError apiError = ApiError.of(error);
    String path = exchange.getRequest().getPath().pathWithinApplication().value();
    Object body = body(path, apiError);
    response.setStatusCode(apiError.status());
    HttpHeaders headers = response.getHeaders();
    apiError.headers().forEach((name, values) -> headers.put(name, values));
    headers.setContentType(
        body instanceof NativeError
            ? MediaType.APPLICATION_PROBLEM_JSON
            : MediaType.APPLICATION_JSON);
    headers.setCacheControl("no-store");
    byte[] bytes = json.writeValueAsBytes(body);
    headers.setContentLength(bytes.length);
    return exchange.getRequest().getMethod().equals(HttpMethod.HEAD)
        ? response.setComplete()
        : response.writeWith(Mono.just(response.bufferFactory().wrap(bytes)));
  }

  private static Object body(String path, ApiError error) {
    if (path.equals("/v1/messages")) {
      return AnthropicError.of(error);
    }
    if (path.startsWith("/v1/")) {
      return OpenAiError.of(error);
    }
    return OLLAMA.contains(path) ? OllamaError.of(error) : NativeError.of(error);
  }
}
