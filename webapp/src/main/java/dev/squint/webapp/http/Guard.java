package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Refuses other origins and requests without a key, and sets the headers that restrict what
 * browsers do with responses.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class Guard implements WebFilter {

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          + "media-src blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

  /**
   * Swagger UI has styles within its elements and its own pictures in them; its scripts are files.
   */
  private static final String POLICY_OF_SWAGGER_UI =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
          + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String SWAGGER_UI = "/swagger-ui/";

  /** An IPv4 or IPv6 address; DNS rebinding cannot change it. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9A-Fa-f:.]+]");

  private static final Pattern PORT = Pattern.compile(":[0-9]*$");

  private final ApiKeys keys;
  private final Set<String> hosts;
  private final CrossOrigin crossOrigin;

  Guard(ServerSettings settings) {
    this.keys = ApiKeys.of(settings);
    this.crossOrigin = new CrossOrigin(settings.cors());
    this.hosts =
        Stream.concat(Stream.of("localhost"), settings.hosts().stream())
            .map(host -> host.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpHeaders headers = exchange.getResponse().getHeaders();
    headers.set("Content-Security-Policy", policy(exchange.getRequest()));
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
    ServerHttpRequest request = exchange.getRequest();
    ApiException refusal = refusal(request);
    if (refusal != null) {
      return Mono.error(refusal);
    }
    if (crossOrigin.allows(request.getHeaders())) {
      crossOrigin.addHeaders(exchange);
      if (crossOrigin.isPreflight(request)) {
        exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
        return exchange.getResponse().setComplete();
      }
    }
    String client = keys.clientOf(request.getHeaders());
    if (client != null) {
      RequestContext.of(exchange).withClient(client).attach(exchange);
    } else if (!keys.isEmpty() && !isHealth(request)) {
      return Mono.error(noKey());
    }
    return chain.filter(exchange);
  }

  private static String policy(ServerHttpRequest request) {
    boolean swagger = request.getPath().pathWithinApplication().value().startsWith(SWAGGER_UI);
    return swagger ? POLICY_OF_SWAGGER_UI : CONTENT_SECURITY_POLICY;
  }

  private @Nullable ApiException refusal(ServerHttpRequest request) {
    HttpHeaders headers = request.getHeaders();
    List<String> named = headers.getOrEmpty(HttpHeaders.HOST);
    if (named.size() > 1) {
      return new ApiException(
          HttpStatus.BAD_REQUEST,
          "invalid_host",
          null,
          "the request has %d headers Host; it must have one".formatted(named.size()));
    }
    if (keys.isEmpty() && !isOwnName(headers.getFirst(HttpHeaders.HOST))) {
      return new ApiException(
          HttpStatus.FORBIDDEN,
          "unknown_host",
          null,
          "this server answers under its address, as localhost and under the names of --squint.hosts; add the name there, or set an API key");
    }
    if (isOfOtherOrigin(headers) && !crossOrigin.allows(headers)) {
      return new ApiException(
          HttpStatus.FORBIDDEN,
          "cross_origin",
          null,
          "pages of other origins must not call this server; --squint.cors.origins allows origins");
    }
    return null;
  }

  private static ApiException noKey() {
    ApiException refusal =
        new ApiException(
            HttpStatus.UNAUTHORIZED,
            "invalid_api_key",
            null,
            "the request has no valid API key; send 'Authorization: Bearer KEY'");
    // With Basic a browser asks for the key, so that the page works too.
    refusal.getHeaders().add(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Squint\"");
    refusal.getHeaders().add(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    return refusal;
  }

  private static boolean isHealth(ServerHttpRequest request) {
    String path = request.getPath().pathWithinApplication().value();
    boolean read =
        request.getMethod().equals(HttpMethod.GET) || request.getMethod().equals(HttpMethod.HEAD);
    return read
        && (path.equals("/health")
            || path.equals("/actuator/health")
            || path.startsWith("/actuator/health/"));
  }

  // Otherwise a foreign page could let its own name resolve to this server and be of the same
  // origin.
  private boolean isOwnName(@Nullable String host) {
    if (host == null) {
      return true; // Every browser sends it.
    }
    String name = PORT.matcher(host).replaceFirst("").toLowerCase(Locale.ROOT);
    return ADDRESS.matcher(name).matches() || hosts.contains(name);
  }

  private static boolean isOfOtherOrigin(HttpHeaders headers) {
    String origin = headers.getOrigin();
    if (origin == null) {
      return "cross-site".equals(headers.getFirst("Sec-Fetch-Site"))
          && !"navigate".equals(headers.getFirst("Sec-Fetch-Mode"));
    }
    String host = headers.getFirst(HttpHeaders.HOST);
    return host == null
        || !(origin.equalsIgnoreCase("http://" + host)
            || origin.equalsIgnoreCase("https://" + host));
  }
}
