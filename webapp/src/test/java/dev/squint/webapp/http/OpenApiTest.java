package dev.squint.webapp.http;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class OpenApiTest {

  private final JsonNode document = json(RunningServer.shared().get("/openapi"));

  private JsonNode type(String name) {
    return document.path("components").path("schemas").path(name);
  }

  @Test
  void form_hasFilesAndNeedsAQuestion() {
    JsonNode form = type("AskForm");
    for (String name : new String[] {"files", "clips"}) {
      JsonNode files = form.path("properties").path(name);
      assertThat(files.path("type").asString()).as(name).isEqualTo("array");
      assertThat(files.path("items").path("type").asString()).isEqualTo("string");
      assertThat(files.path("items").path("format").asString()).isEqualTo("binary");
      assertThat(files.path("description").asString()).isNotEmpty();
    }
    assertThat(form.path("required").valueStream().map(JsonNode::asString))
        .containsExactly("question");
  }

  @Test
  void content_isATextOrParts() {
    JsonNode either = type("ChatMessage").path("properties").path("content").path("oneOf");
    assertThat(either.path(0).path("type").asString()).isEqualTo("string");
    assertThat(either.path(1).path("type").asString()).isEqualTo("array");
    assertThat(either.path(1).path("items").path("$ref").asString())
        .isEqualTo("#/components/schemas/ContentPart");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/methods, get, 200, application/json",
    "/api/models, get, 200, application/json",
    "/v1/models, get, 200, application/json",
    "/v1/models/{id}, get, 200, application/json",
    "/api/ask, post, 200, application/json",
    "/api/ask, post, 4XX, application/problem+json",
    "/v1/chat/completions, post, 200, application/json",
    "/v1/chat/completions, post, 4XX, application/json"
  })
  void response_hasASchemaAndAnExample(String path, String verb, String status, String type) {
    JsonNode content =
        document
            .path("paths")
            .path(path)
            .path(verb)
            .path("responses")
            .path(status)
            .path("content")
            .path(type);
    assertThat(content.path("schema").isObject()).as(content.toString()).isTrue();
    assertThat(content.path("example").isContainer()).as(content.toString()).isTrue();
  }
}
