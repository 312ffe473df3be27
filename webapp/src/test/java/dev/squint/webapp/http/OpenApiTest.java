package dev.squint.webapp.http;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
  @ValueSource(
      strings = {
        "/v1/chat/completions",
        "/v1/responses",
        "/v1/messages",
        "/api/chat",
        "/api/generate",
        "/api/show"
      })
  void request_hasASchemaAndAnExample(String path) {
    JsonNode content =
        document.path("paths").path(path).at("/post/requestBody/content/application~1json");
    assertThat(content.path("schema").isObject()).as(content.toString()).isTrue();
    assertThat(content.has("example") || content.has("examples")).as(content.toString()).isTrue();
  }

  @Test
  void withoutAKey_noneIsAskedFor() {
    assertThat(document.at("/components/securitySchemes/bearer/scheme").asString())
        .isEqualTo("bearer");
    assertThat(document.has("security")).isFalse();
  }

  @Test
  void withAKey_itIsAskedForEverywhereButForHealth() {
    JsonNode keyed =
        json(
            RunningServer.strict().get("/openapi", "Authorization", "Bearer " + RunningServer.KEY));
    assertThat(keyed.at("/components/securitySchemes/header/name").asString())
        .isEqualTo("X-Api-Key");
    assertThat(keyed.path("security").valueStream().map(JsonNode::propertyNames))
        .extracting(names -> names.iterator().next())
        .containsExactly("bearer", "header");
    assertThat(keyed.at("/paths/~1health/get/security").isArray()).isTrue();
    assertThat(keyed.at("/paths/~1health/get/security").size()).isZero();
    assertThat(keyed.at("/paths/~1v1~1models/get/responses/401/description").asString())
        .contains("key");
  }

  @Test
  void swaggerUi_isServedWithItsScripts() {
    RunningServer server = RunningServer.shared();
    HttpResponse<String> page = server.get("/swagger-ui/index.html");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("swagger-ui-bundle.js");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("script-src 'self'")
        .doesNotContain("trusted-types");
    assertThat(server.get("/swagger-ui/swagger-ui-bundle.js").statusCode()).isEqualTo(200);
    assertThat(json(server.get("/openapi/swagger-config")).path("url").asString())
        .isEqualTo("/openapi");
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
    "/v1/chat/completions, post, 4XX, application/json",
    "/v1/responses, post, 200, application/json",
    "/v1/messages, post, 200, application/json",
    "/api/chat, post, 200, application/json",
    "/api/generate, post, 200, application/json",
    "/api/tags, get, 200, application/json",
    "/api/show, post, 200, application/json"
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
