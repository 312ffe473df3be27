package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON bodies strictly: unknown fields, fractions in whole numbers and texts are errors. */
@Component
public final class JsonBody {

  private final JsonMapper json;
  private final int most;

  JsonBody(JsonMapper json, ServerSettings settings) {
    this.json =
        json.rebuild()
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();
    this.most = Math.toIntExact(settings.limits().requestBytes().toBytes());
  }

  /**
   * The body of a request as a value.
   *
   * @param fields the fields that the body may have
   */
  public <T> Mono<T> read(ServerWebExchange exchange, FieldRules fields, Class<T> type) {
    return Mono.defer(
        () -> {
          refuseEncoding(exchange.getRequest());
          return DataBufferUtils.join(exchange.getRequest().getBody(), most)
              .map(JsonBody::bytes)
              .switchIfEmpty(
                  Mono.error(() -> ApiException.invalid(null, "the body is empty; send JSON")))
              .map(bytes -> value(bytes, fields, type));
        });
  }

  private <T> T value(byte[] bytes, FieldRules fields, Class<T> type) {
    JsonNode tree = json.readTree(bytes);
    if (!tree.isObject()) {
      throw ApiException.invalid(null, "the body must be a JSON object");
    }
    fields.check(tree, "");
    return json.treeToValue(tree, type);
  }

  private static void refuseEncoding(ServerHttpRequest request) {
    String encoding = request.getHeaders().getFirst(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new ApiException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "unsupported_encoding",
          null,
          "bodies with a Content-Encoding are not accepted; send the body uncompressed");
    }
  }

  private static byte[] bytes(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }
}
