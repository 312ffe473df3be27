package dev.squint.webapp.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** A request that is not answered, and what its sender is told. */
public final class Refusal extends ErrorResponseException {

  private static final long serialVersionUID = 1;

  private final String code;
  private final @Nullable String param;

  /**
   * Refuses.
   *
   * @param status of the response
   * @param code a word for programs
   * @param param what in the request is meant, or null for the whole
   * @param message what was given, what is allowed, what to do
   */
  public Refusal(HttpStatus status, String code, @Nullable String param, String message) {
    super(status, ProblemDetail.forStatusAndDetail(status, message), null);
    this.code = code;
    this.param = param;
  }

  /** A word for programs. */
  public String code() {
    return code;
  }

  /** What in the request is meant, or null for the whole. */
  public @Nullable String param() {
    return param;
  }

  /** What the sender is told. */
  public String message() {
    return String.valueOf(getBody().getDetail());
  }

  /** The same, with the advice to come back later. */
  public Refusal retryAfter(Duration wait) {
    getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, wait.toSeconds())));
    return this;
  }

  /** A request that does not make sense. */
  public static Refusal invalid(@Nullable String param, String message) {
    return new Refusal(HttpStatus.BAD_REQUEST, "invalid_value", param, message);
  }

  /** A request that asks for too much of something. */
  public static Refusal tooLarge(String code, @Nullable String param, String message) {
    return new Refusal(HttpStatus.CONTENT_TOO_LARGE, code, param, message);
  }
}
