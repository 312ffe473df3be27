package dev.squint.webapp.http;

import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.onnx.DeviceUnavailableException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** An error that a client sees: status, code, field and message. */
public final class ApiException extends ErrorResponseException {

  private static final long serialVersionUID = 1;

  private final String code;
  private final @Nullable String param;

  /**
   * Makes an error.
   *
   * @param status status of the response
   * @param code a word for programs
   * @param param the field of the request, or null for the whole request
   * @param message what was given, what is allowed, what to do
   */
  public ApiException(HttpStatus status, String code, @Nullable String param, String message) {
    super(status, ProblemDetail.forStatusAndDetail(status, message), null);
    this.code = code;
    this.param = param;
  }

  /** A word for programs. */
  public String code() {
    return code;
  }

  /** The field of the request, or null for the whole request. */
  public @Nullable String param() {
    return param;
  }

  /** The message for the client. */
  public String message() {
    return String.valueOf(getBody().getDetail());
  }

  /** Adds the header Retry-After. */
  public ApiException retryAfter(Duration wait) {
    getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, wait.toSeconds())));
    return this;
  }

  /** The error of a request that was not answered by its deadline (504). */
  public static ApiException late(Duration deadline) {
    return new ApiException(
        HttpStatus.GATEWAY_TIMEOUT,
        "deadline_exceeded",
        null,
        "the answer was not complete after %d seconds; ask for fewer tokens, smaller pictures or a plan that keeps less"
            .formatted(deadline.toSeconds()));
  }

  /**
   * The error of a question whose pictures no other process encodes (504). Proxies take a 503 for a
   * failure of this replica, which can still answer about pictures that it knows.
   */
  public static ApiException encoderUnavailable(EncoderUnavailableException error) {
    return new ApiException(
            HttpStatus.GATEWAY_TIMEOUT,
            "encoder_unavailable",
            null,
            String.valueOf(error.getMessage()))
        .retryAfter(Duration.ofSeconds(2));
  }

  /** The error of a request for which a device, such as a GPU, opens no graph (503). */
  public static ApiException deviceUnavailable(DeviceUnavailableException error) {
    return new ApiException(
        HttpStatus.SERVICE_UNAVAILABLE,
        "device_unavailable",
        null,
        String.valueOf(error.getMessage()));
  }

  /** An error about an invalid value (400). */
  public static ApiException invalid(@Nullable String param, String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, "invalid_value", param, message);
  }

  /** An error about a value beyond a limit (413). */
  public static ApiException tooLarge(String code, @Nullable String param, String message) {
    return new ApiException(HttpStatus.CONTENT_TOO_LARGE, code, param, message);
  }
}
