package dev.squint.webapp.http;

import dev.squint.vision.encoder.EncoderUnavailableException;
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
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;

/**
 * An error as a client sees it, independent of the called API. It never contains a class, a path or
 * other facts of the machine.
 *
 * @param status status of the response
 * @param code a word for programs
 * @param param the field of the request, or null for the whole request
 * @param message what was given, what is allowed, what to do
 * @param headers headers of the response
 */
public record ApiError(
    HttpStatusCode status,
    String code,
    @Nullable String param,
    String message,
    HttpHeaders headers) {

  private static final Logger LOG = LoggerFactory.getLogger(ApiError.class);

  /** Makes the error of an exception; an unexpected exception is logged. */
  public static ApiError of(Throwable error) {
    if (error instanceof ApiException refusal) {
      return new ApiError(
          refusal.getStatusCode(),
          refusal.code(),
          refusal.param(),
          refusal.message(),
          refusal.getHeaders());
    }
    ApiException inside = cause(error, ApiException.class);
    if (inside != null) {
      return of(inside);
    }
    EncoderUnavailableException encoder = cause(error, EncoderUnavailableException.class);
    if (encoder != null) {
      return of(ApiException.encoderUnavailable(encoder));
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
          "the request did not arrive in time; send it faster, or send less");
    }
    if (error instanceof ServerWebInputException || error instanceof CodecException) {
      return of(
          HttpStatus.BAD_REQUEST, "invalid_request", "the body of the request cannot be read");
    }
    if (error instanceof ErrorResponse response) {
      HttpStatusCode status = response.getStatusCode();
      HttpStatus known = HttpStatus.resolve(status.value());
      String name = known == null ? "error" : known.getReasonPhrase();
      return new ApiError(
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
        "the request failed; the server's log has the reason");
  }

  private static ApiError of(HttpStatus status, String code, String message) {
    return new ApiError(status, code, null, message, HttpHeaders.EMPTY);
  }

  private static String sentence(String name, HttpStatusCode status) {
    return switch (status.value()) {
      case 404 -> "this address does not exist; GET /openapi lists the addresses";
      case 405 -> "this address does not accept this HTTP method; GET /openapi lists the addresses";
      case 406 -> "this address cannot answer in a type of the header Accept";
      case 415 -> "this address does not accept this type of body; GET /openapi lists the types";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }

  // Jackson's own message has class names.
  private static ApiError ofJson(JacksonException error) {
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
    boolean range = error instanceof InputCoercionException;
    boolean syntax = error instanceof StreamReadException && !range;
    String where =
        error.getLocation() == null
            ? ""
            : ", line %d, column %d"
                .formatted(error.getLocation().getLineNr(), error.getLocation().getColumnNr());
    return new ApiError(
        HttpStatus.BAD_REQUEST,
        syntax ? "invalid_json" : "invalid_type",
        param,
        (syntax
                ? "the body is not valid JSON" + where
                : range
                    ? "the body has a number that is too large" + where
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
