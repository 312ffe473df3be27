package dev.squint.webapp.http;

import static dev.squint.webapp.RunningServer.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {

  private final RunningServer strict = RunningServer.strict();
  private final RunningServer open = RunningServer.shared();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/index.html",
        "/js/app.js",
        "/api/methods",
        "/api/models",
        "/api/ask",
        "/v1/models",
        "/v1/chat/completions",
        "/openapi",
        "/actuator",
        "/actuator/prometheus",
        "/actuator/healthy",
        "/nothing"
      })
  void withoutTheKey_nothingButHealthIsShown(String path) {
    HttpResponse<String> response = strict.get(path);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().allValues("WWW-Authenticate")).hasSize(2);
    assertThat(strict.get(path, "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
    assertThat(strict.get(path, "Authorization", "Basic ???").statusCode()).isEqualTo(401);
    assertThat(strict.get(path, "Authorization", "Bearer " + KEY).statusCode())
        .isNotIn(401, 403, 500);
  }

  @Test
  void health_isOpen() {
    assertThat(strict.get("/actuator/health").statusCode()).isEqualTo(200);
    assertThat(strict.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
  }

  @Test
  void browsers_mayGiveTheKeyAsAPassword() {
    String pair =
        Base64.getEncoder().encodeToString(("anybody:" + KEY).getBytes(StandardCharsets.UTF_8));
    assertThat(strict.get("/api/models", "Authorization", "Basic " + pair).statusCode())
        .isEqualTo(200);
  }

  @Test
  void otherOrigins_areRefused() {
    assertThat(open.get("/api/models", "Origin", "http://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(open.get("/api/models", "Origin", "null").statusCode()).isEqualTo(403);
    assertThat(open.get("/api/models", "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
    assertThat(open.get("/api/models", "Origin", open.url("")).statusCode()).isEqualTo(200);
    HttpResponse<String> preflight =
        open.send(
            open.request("/api/ask", "Origin", "http://evil.example")
                .method("OPTIONS", BodyPublishers.noBody()));
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:8080, 200",
    "127.0.0.1:8080, 200",
    "[::1]:8080, 200",
    "evil.example:8080, 403",
    "localhost.evil.example, 403",
    "127.0.0.1.evil.example, 403"
  })
  void aNameThatIsNotTheServers_isRefused(String host, int status) throws IOException {
    assertThat(statusFor(open, host, "")).isEqualTo(status);
    assertThat(statusFor(strict, host, "Authorization: Bearer " + KEY + "\r\n")).isEqualTo(200);
  }

  /** Over a socket, because Java's client writes the header Host itself. */
  private static int statusFor(RunningServer server, String host, String header)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      String request =
          "GET /api/models HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n%sConnection: close\r\n\r\n"
              .formatted(host, host, header);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return Integer.parseInt(answer.substring(9, 12));
    }
  }

  @Test
  void page_isServedWithAStrictPolicyAndNothingFromOutside() {
    HttpResponse<String> page = open.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .doesNotContain("unsafe")
        .doesNotContain("http");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.body()).doesNotContain("http://").doesNotContain("https://");
    assertThat(page.body()).doesNotContainPattern("\\sstyle=|\\son[a-z]+=|<script>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../application.yaml",
        "/..%2f..%2fapplication.yaml",
        "/js/%2e%2e/%2e%2e/application.yaml",
        "/examples/..%5c..%5capplication.yaml",
        "/application.yaml",
        "/actuator/env",
        "/actuator/heapdump",
        "/v1/models/..%2f..%2fetc%2fpasswd",
        "/%00"
      })
  void whatIsNotThePage_isNotServed(String path) {
    HttpResponse<String> response = open.get(path);
    assertThat(response.statusCode()).isIn(400, 404);
    assertThat(response.body()).doesNotContain("squint:").doesNotContain("java.");
  }

  @Test
  void openApi_describesEveryAddressWithExamples() {
    String document = open.get("/openapi").body();
    assertThat(document)
        .contains("/api/ask", "/api/methods", "/api/models", "/v1/chat/completions", "/v1/models")
        .contains(
            "visual_pruning", "encoder:divprune(keep=0.25)", "multipart/form-data", "example");
  }

  @Test
  void metrics_areThere() {
    open.ask("shapes.png", "What?", "max_tokens", "1");
    assertThat(open.get("/actuator/prometheus").body())
        .contains(
            "squint_questions_waiting",
            "squint_answers_running",
            "squint_phase_seconds_count{phase=\"prefill\"}",
            "squint_tokens_visual_kept_total",
            "squint_tokens_prompt_reused_total",
            "squint_encoder_cache_total",
            "squint_batch_size_sum",
            "squint_batch_queue_count",
            "squint_batch_step_seconds_count",
            "squint_batch_chunk_seconds_sum",
            "squint_batch_chunk_tokens_sum",
            "squint_first_token_seconds_bucket");
  }
}
