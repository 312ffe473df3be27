package dev.squint.webapp.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * An error in OpenAI's form.
 *
 * @param error the error
 */
public record OpenAiError(Body error) {

  /** Message, type, parameter and code. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Body(String message, String type, @Nullable String param, String code) {}

  /** Converts an error. */
  public static OpenAiError of(ApiError apiError) {
    int status = apiError.status().value();
    String type =
        status >= 500
            ? "server_error"
            : status == 429
                ? "rate_limit_error"
                : status == 401 ? "authentication_error" : "invalid_request_error";
    return new OpenAiError(new Body(apiError.message(), type, apiError.param(), apiError.code()));
  }
}
