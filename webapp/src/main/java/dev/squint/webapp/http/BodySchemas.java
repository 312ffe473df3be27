package dev.squint.webapp.http;

import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Describes fields whose JSON types annotations cannot express. */
@Configuration(proxyBeanMethods = false)
@SuppressWarnings({"rawtypes", "unchecked"}) // The library's own types are raw.
class BodySchemas {

  @Bean
  OpenApiCustomizer typesInBodies() {
    return document -> {
      Map<String, Schema> schemas = document.getComponents().getSchemas();
      Map<String, Schema> form = fields(schemas, "AskForm");
      for (String files : List.of("files", "clips")) {
        form.put(files, array(text().format("binary")).description(described(form, files)));
      }
      Map<String, Schema> message = fields(schemas, "ChatMessage");
      Schema<?> part = new Schema<>().$ref("#/components/schemas/ContentPart");
      message.put(
          "content",
          new Schema<>()
              .description(described(message, "content"))
              .oneOf(List.of(text(), array(part))));
    };
  }

  private static Map<String, Schema> fields(Map<String, Schema> schemas, String type) {
    Schema<?> schema = schemas.get(type);
    if (schema == null) {
      throw new IllegalStateException("the OpenAPI document has no type '%s'".formatted(type));
    }
    return schema.getProperties();
  }

  private static String described(Map<String, Schema> fields, String name) {
    return Objects.requireNonNull(fields.get(name), name).getDescription();
  }

  // OpenAPI 3.0 has one type, 3.1 a set of types.
  private static Schema<?> text() {
    Schema<?> schema = new Schema<>().type("string");
    schema.addType("string");
    return schema;
  }

  private static Schema<?> array(Schema<?> items) {
    Schema<?> schema = new Schema<>().type("array").items(items);
    schema.addType("array");
    return schema;
  }
}
