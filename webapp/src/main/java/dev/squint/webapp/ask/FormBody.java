package dev.squint.webapp.ask;

import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import org.springframework.core.codec.DecodingException;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Reads the form of a request, in memory. */
@Component
final class FormBody {

  private final int pictures;

  FormBody(ServerSettings settings) {
    this.pictures = settings.limits().pictures();
  }

  /** The form, or an {@link ApiException} if it cannot be read or has too many parts. */
  Mono<ReceivedForm> read(ServerWebExchange exchange) {
    return exchange
        .getMultipartData()
        .onErrorMap(IllegalArgumentException.class, error -> malformed())
        .onErrorMap(
            error ->
                error instanceof IllegalStateException
                    && !(error instanceof DataBufferLimitException),
            error -> malformed())
        .onErrorMap(DecodingException.class, this::undecodable)
        // Thrown by Spring for a part header that ends in name=".
        .onErrorMap(IndexOutOfBoundsException.class, error -> malformed())
        .map(ReceivedForm::new);
  }

  private ApiException undecodable(DecodingException error) {
    if (String.valueOf(error.getMessage()).startsWith("Too many parts")) {
      return ApiException.tooLarge(
          "too_many_parts",
          null,
          "the form has too many parts; it may have %d files and one part for each field"
              .formatted(pictures));
    }
    return malformed();
  }

  /** For parts without a name or with a malformed header. */
  private static ApiException malformed() {
    return ApiException.invalid(
        null,
        "the form cannot be read: each part needs a header 'Content-Disposition: form-data; name=NAME'");
  }
}
