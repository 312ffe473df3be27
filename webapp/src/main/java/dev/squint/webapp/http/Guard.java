package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The first filter of a request. It refuses other origins and requests without the key, and sets
 * the headers that restrict what browsers do with responses.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class Guard implements WebFilter {

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          + "media-src blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

  /** An IPv4 or IPv6 address; DNS rebinding cannot change it. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9A-Fa-f:.]+]");

  private static final Pattern PORT = Pattern.compile(":[0-9]*$");

  private final byte[] key;
  private final Set<String> hosts;

  Guard(ServerSettings settings) {
    this.key = settings.apiKey().getBytes(StandardCharsets.UTF_8);
    this.hosts =
        Stream.concat(Stream.of("localhost"), settings.hosts().stream())
            .map(host -> host.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpHeaders headers = exchange.getResponse().getHeaders();
    headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
    ServerHttpRequest request = exchange.getRequest();
    if (key.length == 0 && !isOwnName(request.getHeaders().getFirst(HttpHeaders.HOST))) {
      return Mono.error(
          new ApiException(
              HttpStatus.FORBIDDEN,
              "unknown_host",
              null,
              "this server answers under its address, as localhost and under the names of --squint.hosts; add the name there, or set an API key"));
    }
    if (isOfOtherOrigin(request.getHeaders())) {
      return Mono.error(
          new ApiException(
              HttpStatus.FORBIDDEN,
              "cross_origin",
              null,
              "pages of other origins must not call this server"));
    }
    if (key.length > 0 && !isHealth(request.getPath().value()) && !hasKey(request.getHeaders())) {
      ApiException refusal =
          new ApiException(
              HttpStatus.UNAUTHORIZED,
              "invalid_api_key",
              null,
              "the request has no valid API key; send 'Authorization: Bearer KEY'");
      // With Basic a browser asks for the key, so that the page works too.
      refusal.getHeaders().add(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Squint\"");
      refusal.getHeaders().add(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      return Mono.error(refusal);
    }
    return chain.filter(exchange);
  }

  private static boolean isHealth(String path) {
    return path.equals("/actuator/health") || path.startsWith("/actuator/health/");
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

  private boolean hasKey(HttpHeaders headers) {
    byte[] given = givenKey(headers.getFirst(HttpHeaders.AUTHORIZATION));
    return given != null && MessageDigest.isEqual(given, key);
  }

  private static byte @Nullable [] givenKey(@Nullable String authorization) {
    if (authorization == null) {
      return null;
    }
    if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip().getBytes(StandardCharsets.UTF_8);
    }
    if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      try {
        String pair =
            new String(
                Base64.getDecoder().decode(authorization.substring(6).strip()),
                StandardCharsets.UTF_8);
        return pair.substring(pair.indexOf(':') + 1).getBytes(StandardCharsets.UTF_8);
      } catch (IllegalArgumentException notBase64) {
        return null;
      }
    }
    return null;
  }
}
