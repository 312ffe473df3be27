package dev.squint.webapp.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * An error of Squint's own API, in the form of RFC 9457.
 *
 * @param status status of the response
 * @param title name of the status
 * @param detail what was given, what is allowed, what to do
 * @param code a word for programs
 * @param param the field of the request, if one is meant
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NativeError(
    int status, String title, String detail, String code, @Nullable String param) {

  /** Converts an error. */
  public static NativeError of(ApiError error) {
    HttpStatus status = HttpStatus.resolve(error.status().value());
    return new NativeError(
        error.status().value(),
        status == null ? "Error" : status.getReasonPhrase(),
        error.message(),
        error.code(),
        error.param());
  }
}
