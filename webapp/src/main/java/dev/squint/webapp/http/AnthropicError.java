package dev.squint.webapp.http;

/**
 * An error in Anthropic's form.
 *
 * @param type {@code error}
 * @param error type and message
 */
public record AnthropicError(String type, Detail error) {

  /** Type and message. */
  public record Detail(String type, String message) {}

  /** Converts an error. */
  public static AnthropicError of(ApiError error) {
    String type =
        switch (error.status().value()) {
          case 401 -> "authentication_error";
          case 403 -> "permission_error";
          case 404 -> "not_found_error";
          case 413 -> "request_too_large";
          case 429 -> "rate_limit_error";
          case 503 -> "overloaded_error";
          default -> error.status().is5xxServerError() ? "api_error" : "invalid_request_error";
        };
    String param = error.param();
    return new AnthropicError(
        "error",
        new Detail(type, param == null ? error.message() : param + ": " + error.message()));
  }
}
