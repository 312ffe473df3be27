package dev.squint.webapp.encode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.cluster.Nginx;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** An encode replica, an answer replica that asks it, and a server that does both. */
class RolesTest {

  private static final String PICTURE = "shapes.png";
  private static final String MODEL = "--model=../samples/tiny-vlm/package";
  private static final String QUESTION = "What is this?";

  private static RunningServer encode;
  private static RunningServer answer;

  /** Encodes with another package. */
  private static RunningServer wrong;

  @BeforeAll
  static void start() {
    encode = RunningServer.start("--squint.role=encode", MODEL);
    answer = answering(encode.url(""));
    wrong = RunningServer.start("--squint.role=encode");
  }

  private static RunningServer answering(String replicas) {
    return RunningServer.start(
        "--squint.role=answer", "--squint.encode.replicas=" + replicas, MODEL);
  }

  @AfterAll
  static void stop() {
    answer.close();
    wrong.close();
    encode.close();
  }

  /** The model is loaded when its encoder has answered. */
  private static void awaitModel(RunningServer server) throws InterruptedException {
    long start = System.nanoTime();
    while (server.get("/health").statusCode() != 200) {
      assertThat(System.nanoTime() - start).isLessThan(RunningServer.PATIENCE.toNanos());
      Thread.sleep(20);
    }
  }

  private static JsonNode answered(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return RunningServer.json(response);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "encoder:divprune(keep=0.5)",
        "encoder:visionzip(keep=0.5)",
        "encoder2:tome(keep=0.5)",
        "layer2:fastv(keep=0.5)"
      })
  void answersAreThoseOfAServerThatDoesBoth(String plan) throws Exception {
    awaitModel(answer);
    String[] fields = plan.equals("none") ? new String[0] : new String[] {"plan", plan};
    HttpResponse<String> own = RunningServer.trained().ask(PICTURE, QUESTION, fields);
    HttpResponse<String> remote = answer.ask(PICTURE, QUESTION, fields);
    assertThat(answered(remote).path("answer")).isEqualTo(answered(own).path("answer"));
  }

  @Test
  void plansAtPatches_areRefused() throws Exception {
    awaitModel(answer);
    HttpResponse<String> response =
        answer.ask(PICTURE, QUESTION, "plan", "patches:uniform-grid(keep=0.5)");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("squint.role=all");
  }

  @Test
  void anEncodeReplica_speaksHttp2_andAnswersNoQuestions() throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpResponse<String> health =
        client.send(
            HttpRequest.newBuilder(URI.create(encode.url("/health"))).build(),
            BodyHandlers.ofString());
    assertThat(health.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(health.statusCode()).isEqualTo(200);
    HttpResponse<String> question = encode.ask(PICTURE, QUESTION);
    assertThat(question.statusCode()).isEqualTo(503);
    assertThat(question.body()).contains("encodes_only");
  }

  @Test
  void otherServers_doNotHaveTheRouteOfEncoding() {
    assertThat(answer.get("/api/encoder?fingerprint=x").statusCode()).isEqualTo(404);
    assertThat(encode.get("/api/encoder?fingerprint=x").statusCode()).isEqualTo(409);
  }

  @Test
  void damagedRequests_areRefused() {
    HttpResponse<String> response =
        encode.send(
            encode
                .request("/api/encode", "Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100])));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("not a request to encode tiles");
  }

  @Test
  void aReplicaThatIsGone_isARetryableError_andAnswersGoOnWhenItIsBack() throws Exception {
    awaitModel(answer);
    answered(answer.ask(PICTURE, QUESTION));
    int port = encode.port();
    encode.close();
    try {
      HttpResponse<String> response = answer.ask("text.png", QUESTION);
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.headers().firstValue("Retry-After")).isPresent();
      assertThat(RunningServer.json(response).path("code").asString())
          .isEqualTo("encoder_unavailable");
      assertThat(response.body()).contains("squint.encode.replicas").doesNotContain("127.0.0.1");
      // What was encoded before needs no encoder.
      answered(answer.ask(PICTURE, QUESTION));
      behindNginx_itIsNotTakenForAFailedReplica();
    } finally {
      encode = RunningServer.start("--squint.role=encode", MODEL, "--server.port=" + port);
    }
    assertThat(encode.port()).isEqualTo(port);
    answered(answer.ask("text.png", QUESTION));
  }

  private static void behindNginx_itIsNotTakenForAFailedReplica() {
    try (Nginx nginx = new Nginx(List.of(answer.port(), 1, 1))) {
      for (int i = 0; i < 4; i++) {
        HttpResponse<String> response = answer.send(behind(nginx, "text.png"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
        assertThat(response.body()).contains("encoder_unavailable");
      }
      answered(answer.send(behind(nginx, PICTURE)));
    }
  }

  private static HttpRequest.Builder behind(Nginx nginx, String picture) {
    RunningServer.Form form =
        new RunningServer.Form()
            .file("files", picture, RunningServer.picture(picture))
            .field("question", QUESTION);
    HttpRequest request = RunningServer.form(nginx.url("/api/ask"), form);
    return HttpRequest.newBuilder(request, (name, value) -> true);
  }

  /** Host and key are checked by the same filter. */
  @Test
  void anUpgradeToHttp2_isRefusedBeforeItsBodyIsRead() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), encode.port())) {
      // Less than the time in which a body must arrive.
      socket.setSoTimeout(15_000);
      socket
          .getOutputStream()
          .write(
              "POST /api/encode HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Length: 20000000\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 403");
    }
  }

  @Test
  void withTwoReplicas_oneMayBeGoneOrWrong() throws Exception {
    try (RunningServer server =
        answering("http://127.0.0.1:1," + wrong.url("") + "," + encode.url(""))) {
      awaitModel(server);
      answered(server.ask(PICTURE, QUESTION));
      answered(server.ask("text.png", QUESTION));
    }
  }

  @Test
  void withoutAnyRightReplica_theServerRuns_andSaysThatTheModelIsLoading() {
    try (RunningServer server = answering(wrong.url(""))) {
      HttpResponse<String> response = server.ask(PICTURE, QUESTION);
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(RunningServer.json(response).path("code").asString()).isEqualTo("model_loading");
      assertThat(server.get("/health").statusCode()).isEqualTo(503);
    }
  }
}
