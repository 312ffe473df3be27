package dev.squint.webapp.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A failure in OpenAI's form.
 *
 * @param error what failed
 */
public record OpenAiError(Body error) {

  /** What failed. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Body(String message, String type, @Nullable String param, String code) {}

  /** Writes a failure. */
  public static OpenAiError of(Failure failure) {
    int status = failure.status().value();
    String type =
        status >= 500
            ? "server_error"
            : status == 429
                ? "rate_limit_error"
                : status == 401 ? "authentication_error" : "invalid_request_error";
    return new OpenAiError(new Body(failure.message(), type, failure.param(), failure.code()));
  }
}
