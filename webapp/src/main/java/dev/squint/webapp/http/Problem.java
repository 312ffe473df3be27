package dev.squint.webapp.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A failure as RFC 9457 writes it.
 *
 * @param status of the response
 * @param title of the status
 * @param detail what was given, what is allowed, what to do
 * @param code a word for programs
 * @param param what in the request is meant, if a part of it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    int status, String title, String detail, String code, @Nullable String param) {

  /** Writes a failure. */
  public static Problem of(Failure failure) {
    HttpStatus status = HttpStatus.resolve(failure.status().value());
    return new Problem(
        failure.status().value(),
        status == null ? "Error" : status.getReasonPhrase(),
        failure.message(),
        failure.code(),
        failure.param());
  }
}
