package dev.squint.llm.hub;

import io.github.resilience4j.core.functions.Either;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Requests to a hub. Redirects to other hosts do not get the token. */
final class HubConnection {

  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<String> OWN_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

  private final HubSettings settings;
  private final HttpClient client;

  HubConnection(HubSettings settings) {
    this.settings = settings;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.stall())
            .build();
  }

  /** A request, which may be repeated. */
  interface Request<T> {
    T make() throws IOException, InterruptedException;
  }

  /**
   * Repeats a request until it succeeds, and reports each repetition. Waits get longer, or are
   * those that the hub requests.
   *
   * @throws UncheckedIOException if all attempts fail; the message names the file and the cause
   */
  <T> T patiently(String what, PullProgress progress, Request<T> request) {
    RetryConfig config =
        RetryConfig.custom()
            .maxAttempts(settings.attempts())
            .retryOnException(failure -> failure instanceof Interruption)
            .intervalBiFunction(this::waitMillis)
            .build();
    Retry retry = Retry.of(what, config);
    retry
        .getEventPublisher()
        .onRetry(
            event ->
                progress.repeats(
                    what,
                    String.valueOf(event.getLastThrowable().getMessage()),
                    event.getNumberOfRetryAttempts() + 1,
                    settings.attempts(),
                    event.getWaitInterval()));
    try {
      return retry.executeCallable(request::make);
    } catch (Interruption e) {
      throw new UncheckedIOException(
          "%s: %s, at each of %d attempts; check the network, or set another hub in SQUINT_HUB; a later pull resumes what was received"
              .formatted(what, e.getMessage(), settings.attempts()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(what, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(what + " was interrupted", e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(what + ": " + e.getMessage(), e);
    }
  }

  private long waitMillis(int attempt, Either<Throwable, Object> outcome) {
    if (outcome.isLeft()
        && outcome.getLeft() instanceof Interruption interruption
        && interruption.waiting() != null) {
      return interruption.waiting().toMillis();
    }
    return settings.firstWait().toMillis() << Math.min(attempt - 1, 6);
  }

  /**
   * Requests a path of the hub once, and follows redirects.
   *
   * @param from first byte wanted
   * @return an answer with status 200, 206 or 416, to be closed
   * @throws IllegalArgumentException if the hub has no such path or does not give it to this user
   * @throws Interruption if a later attempt may succeed
   */
  HttpResponse<InputStream> get(String path, RepositoryName name, long from)
      throws IOException, InterruptedException {
    URI target = URI.create(settings.hub() + path);
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      HttpResponse<InputStream> response = send(target, from);
      if (!REDIRECTS.contains(response.statusCode())) {
        return checked(response, name, target);
      }
      response.body().close();
      URI next = target.resolve(response.headers().firstValue("location").orElse(""));
      if (!sends(target, next)) {
        throw new IOException(
            "%s redirects to '%s', which is not followed".formatted(target.getHost(), next));
      }
      target = next;
    }
    throw new IOException("redirected more than %d times".formatted(MAX_REDIRECTS));
  }

  private static boolean sends(URI from, URI to) {
    boolean safe = "https".equals(to.getScheme()) || "http".equals(from.getScheme());
    return to.getHost() != null
        && ("https".equals(to.getScheme()) || "http".equals(to.getScheme()))
        && safe;
  }

  private HttpResponse<InputStream> send(URI target, long from)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(settings.stall())
            .header("User-Agent", "squint/0.1.0")
            // Lengths and checksums are those of the files without a transfer encoding.
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=%d-".formatted(from));
    }
    if (getsToken(target)) {
      settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new Interruption(
          "no answer from %s (%s)".formatted(target.getAuthority(), reason(e)), null, e);
    }
  }

  /** Only the hub itself, over HTTPS or on this machine. */
  private boolean getsToken(URI target) {
    URI hub = settings.hub();
    boolean hidden = "https".equals(target.getScheme()) || OWN_MACHINE.contains(target.getHost());
    return hidden
        && hub.getScheme().equals(target.getScheme())
        && hub.getAuthority().equals(target.getAuthority());
  }

  static String reason(IOException e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private HttpResponse<InputStream> checked(
      HttpResponse<InputStream> response, RepositoryName name, URI target) throws IOException {
    int status = response.statusCode();
    if (status == 200 || status == 206 || status == 416) {
      return response;
    }
    response.body().close();
    String host = target.getAuthority();
    switch (status) {
      case 401, 403 ->
          throw new IllegalArgumentException(
              "%s does not give %s to %s (%d); if it exists and is private or gated, accept its terms there and put a token that may read it into HF_TOKEN"
                  .formatted(
                      host,
                      name,
                      settings.token().isPresent() ? "this token" : "everybody",
                      status));
      case 404 ->
          throw new IllegalArgumentException(
              "%s has no %s (404 for %s); check owner, name and revision"
                  .formatted(host, name, target.getPath()));
      case 408, 429, 500, 502, 503, 504 -> throw later(response, host);
      default ->
          throw new IOException(
              "%s answered with %d to %s".formatted(host, status, target.getPath()));
    }
  }

  private IOException later(HttpResponse<?> response, String host) {
    Duration wait =
        response.headers().firstValue("retry-after").map(HubConnection::wait).orElse(null);
    String says = "%s answered with %d".formatted(host, response.statusCode());
    if (wait != null && wait.compareTo(settings.longestWait()) > 0) {
      return new IOException("%s and asks to wait %d seconds".formatted(says, wait.toSeconds()));
    }
    return new Interruption(says, wait, null);
  }

  /** Seconds, or a date (RFC 9110, 10.2.3). */
  private static @Nullable Duration wait(String text) {
    try {
      Duration wait =
          text.strip().matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(text.strip()))
              : Duration.between(
                  Instant.now(),
                  ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                      .toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
