package dev.squint.webapp.http;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A server under a prefix, with two keys, an allowed origin and a second model. */
class BasePathTest {

  private static final String BEARER = "Bearer secret of anna";
  private static RunningServer server;

  @BeforeAll
  static void start() {
    server =
        RunningServer.start(
            "--spring.webflux.base-path=/squint",
            "--squint.api-key=first",
            "--squint.keys.anna=secret of anna",
            "--squint.cors.origins=https://app.example.org",
            "--squint.access-log=true",
            "--model=" + RunningServer.MODEL,
            "--model=../samples/tiny-vlm/package",
            "--squint.work.per-client=3");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/actuator/health", "/actuator/health/liveness"})
  void health_needsNoKey(String path) {
    assertThat(server.get("/squint" + path).statusCode()).isEqualTo(200);
    assertThat(server.get("/squint/x" + path).statusCode()).isEqualTo(401);
  }

  @Test
  void errors_haveTheFormOfTheCalledApi() {
    HttpResponse<String> response = server.postJson("/squint/v1/chat/completions", "{}");
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(json(response).path("error").path("type").asString())
        .isEqualTo("authentication_error");
    assertThat(json(server.get("/squint/api/models")).path("detail").asString()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"first", "secret of anna"})
  void everyKey_opensTheServer(String key) {
    assertThat(server.get("/squint/api/models", "Authorization", "Bearer " + key).statusCode())
        .isEqualTo(200);
    assertThat(server.get("/squint/api/models", "X-Api-Key", key).statusCode()).isEqualTo(200);
  }

  @Test
  void secondModel_isLoadedAtFirstUse_andDefaultIsTheFirst() {
    JsonNode models = json(server.get("/squint/api/models", "Authorization", BEARER));
    assertThat(models.path(0).path("id").asString()).isEqualTo("tiled");
    assertThat(models.path(1).path("id").asString()).isEqualTo("tiny-vlm");
    assertThat(models.path(1).path("loaded").asBoolean()).isFalse();

    assertThat(ask("tiny-vlm").path("model").asString()).isEqualTo("tiny-vlm");
    assertThat(ask("tiny-vlm:latest").path("model").asString()).isEqualTo("tiny-vlm");
    assertThat(ask("default").path("model").asString()).isEqualTo("tiled");
    models = json(server.get("/squint/api/models", "Authorization", BEARER));
    assertThat(models.path(1).path("loaded").asBoolean()).isTrue();
    JsonNode unknown = ask("other");
    assertThat(unknown.path("error").path("code").asString()).isEqualTo("model_not_found");
    assertThat(unknown.path("error").path("message").asString()).contains("'tiled', 'tiny-vlm'");
  }

  private static JsonNode ask(String model) {
    return json(
        server.postJson(
            "/squint/v1/chat/completions",
            "{\"model\":\"%s\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                .formatted(model),
            "Authorization",
            BEARER));
  }

  @Test
  void allowedOrigin_mayCall_afterAPreflightWithoutAKey() {
    HttpResponse<String> preflight =
        server.send(
            server
                .request(
                    "/squint/v1/chat/completions",
                    "Origin",
                    "https://app.example.org",
                    "Access-Control-Request-Method",
                    "POST")
                .method("OPTIONS", BodyPublishers.noBody()));
    assertThat(preflight.statusCode()).isEqualTo(204);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://app.example.org");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers").orElseThrow())
        .contains("Authorization");
    HttpResponse<String> answer =
        server.get(
            "/squint/v1/models", "Origin", "https://app.example.org", "Authorization", BEARER);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://app.example.org");
    assertThat(
            server
                .get("/squint/v1/models", "Origin", "https://evil.org", "Authorization", BEARER)
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void requestId_isTakenOrMade_andReturned() {
    assertThat(
            server
                .get("/squint/health", "X-Request-Id", "abc-1")
                .headers()
                .firstValue("X-Request-Id"))
        .hasValue("abc-1");
    assertThat(server.get("/squint/health").headers().firstValue("X-Request-Id").orElseThrow())
        .hasSizeGreaterThan(20);
    assertThat(
            server
                .get("/squint/health", "X-Request-Id", "a b\tc")
                .headers()
                .firstValue("X-Request-Id")
                .orElseThrow())
        .doesNotContain(" ");
  }

  @Test
  void page_answersHead() {
    String basic =
        "Basic " + Base64.getEncoder().encodeToString("x:first".getBytes(StandardCharsets.UTF_8));
    HttpResponse<String> head =
        server.send(
            server
                .request("/squint/", "Authorization", basic)
                .method("HEAD", BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(head.body()).isEmpty();
  }

  @Test
  void twoHosts_areRefused() throws IOException {
    assertThat(
            exchange(
                "GET /squint/health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void pipelinedRequests_areAllAnswered() throws IOException {
    String page =
        "GET /squint/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n".formatted(BEARER);
    String health = "GET /squint/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    String answers = exchange(page + page + health);
    assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(4);
    assertThat(answers).endsWith("{\"status\":\"ok\"}");
  }

  private static String exchange(String requests) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
