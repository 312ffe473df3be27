package dev.squint.webapp.http;

import io.netty.channel.ChannelException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.codec.CodecException;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;

/**
 * What the sender of a request is told of a failure: never a class, a path or anything else of the
 * machine.
 *
 * @param status of the response
 * @param code a word for programs
 * @param param what in the request is meant, or null for the whole
 * @param message what was given, what is allowed, what to do
 * @param headers of the response
 */
public record Failure(
    HttpStatusCode status,
    String code,
    @Nullable String param,
    String message,
    HttpHeaders headers) {

  private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

  /** What is told of an exception; one that nobody expected is logged. */
  public static Failure of(Throwable error) {
    if (error instanceof Refusal refusal) {
      return new Failure(
          refusal.getStatusCode(),
          refusal.code(),
          refusal.param(),
          refusal.message(),
          refusal.getHeaders());
    }
    Refusal inside = cause(error, Refusal.class);
    if (inside != null) {
      return of(inside);
    }
    if (cause(error, DataBufferLimitException.class) != null) {
      return of(HttpStatus.CONTENT_TOO_LARGE, "request_too_large", "the request is too large");
    }
    JacksonException json = cause(error, JacksonException.class);
    if (json != null) {
      return ofJson(json);
    }
    if (error instanceof ChannelException) {
      return of(
          HttpStatus.REQUEST_TIMEOUT,
          "request_timeout",
          "the request did not arrive in time; send it faster, or make it smaller");
    }
    if (error instanceof ServerWebInputException || error instanceof CodecException) {
      return of(HttpStatus.BAD_REQUEST, "invalid_request", "the body of the request is damaged");
    }
    if (error instanceof ErrorResponse response) {
      HttpStatusCode status = response.getStatusCode();
      HttpStatus known = HttpStatus.resolve(status.value());
      String name = known == null ? "error" : known.getReasonPhrase();
      return new Failure(
          status,
          name.toLowerCase(Locale.ROOT).replace(' ', '_'),
          null,
          sentence(name, status),
          response.getHeaders());
    }
    LOG.error("a request failed", error);
    return of(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "the request failed; the server's log says why");
  }

  private static Failure of(HttpStatus status, String code, String message) {
    return new Failure(status, code, null, message, HttpHeaders.EMPTY);
  }

  private static String sentence(String name, HttpStatusCode status) {
    return switch (status.value()) {
      case 404 -> "there is nothing at this address; GET /openapi lists what there is";
      case 405 -> "this address does not take this method; GET /openapi lists what there is";
      case 406 -> "this address does not give what the header Accept asks for";
      case 415 ->
          "this address does not take a body of this type; GET /openapi lists what it takes";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }

  // Jackson's own message would name classes.
  private static Failure ofJson(JacksonException error) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : error.getPath()) {
      String name = step.getPropertyName();
      if (name == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(name);
      }
    }
    String param = path.isEmpty() ? null : path.toString();
    boolean syntax = error instanceof StreamReadException;
    String where =
        error.getLocation() == null
            ? ""
            : ", line %d, column %d"
                .formatted(error.getLocation().getLineNr(), error.getLocation().getColumnNr());
    return new Failure(
        HttpStatus.BAD_REQUEST,
        syntax ? "invalid_json" : "invalid_type",
        param,
        (syntax
                ? "the body is not valid JSON" + where
                : "the body has a value of the wrong type" + where)
            + (param == null ? "" : ", at " + param),
        HttpHeaders.EMPTY);
  }

  private static <T extends Throwable> @Nullable T cause(Throwable error, Class<T> kind) {
    Throwable next = error;
    for (int depth = 0; next != null && depth < 10; depth++) {
      if (kind.isInstance(next)) {
        return kind.cast(next);
      }
      next = next.getCause();
    }
    return null;
  }
}
