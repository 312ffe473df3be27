package dev.squint.webapp.answering;

import static dev.squint.webapp.RunningServer.KEY;
import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a server that answers one question at a time and lets two wait. */
class AnswerQueueTest {

  /** As long as the deadline lets it be: the model never stops by itself. */
  private static final String ENDLESS =
      "{\"stream\":%s,\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";

  private static final String SHORT =
      "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
  private static final String BEARER = "Bearer " + KEY;

  private final RunningServer server = RunningServer.strict();

  @BeforeEach
  void nothingIsRunning() throws InterruptedException {
    awaitRunning(0);
  }

  @Test
  void clientThatGoesAwayWhileStreaming_endsTheAnswer() throws Exception {
    RunningServer endless = RunningServer.endless();
    endless.awaitIdle();
    double before = endless.cancelled();
    try (Socket socket = send(endless, ENDLESS.formatted(true))) {
      BufferedReader lines = reader(socket);
      String line = lines.readLine();
      while (line != null && !line.contains("content")) {
        line = lines.readLine();
      }
      assertThat(endless.metric("squint_answers_running")).isEqualTo(1);
    }
    endless.awaitIdle();
    assertThat(endless.cancelled()).as("ended by the client, not by itself").isEqualTo(before + 1);
  }

  @Test
  void clientThatGoesAwayWhileWaitingForTheWhole_endsTheAnswer() throws Exception {
    RunningServer endless = RunningServer.endless();
    endless.awaitIdle();
    double before = endless.cancelled();
    try (Socket socket = send(endless, ENDLESS.formatted(false))) {
      await(endless, "squint_answers_running", 1);
      assertThat(socket.isConnected()).isTrue();
    }
    endless.awaitIdle();
    assertThat(endless.cancelled()).as("ended by the client, not by itself").isEqualTo(before + 1);
  }

  @Test
  void clientThatGoesAwayWhileWaitingForItsTurn_leavesTheQueue() throws Exception {
    try (Socket first = send(ENDLESS.formatted(true))) {
      awaitRunning(1);
      try (Socket second = send(ENDLESS.formatted(true))) {
        awaitWaiting(1);
        assertThat(second.isConnected()).isTrue();
      }
      awaitWaiting(0);
      assertThat(first.isConnected()).isTrue();
    }
  }

  @Test
  void fullQueue_isRefusedWithAdviceWhenToComeBack() throws Exception {
    List<Socket> busy = new ArrayList<>();
    try {
      busy.add(send(ENDLESS.formatted(true)));
      awaitRunning(1);
      busy.add(send(ENDLESS.formatted(true)));
      busy.add(send(ENDLESS.formatted(true)));
      awaitWaiting(2);
      HttpResponse<String> response = server.chat(SHORT, "Authorization", BEARER);
      assertThat(response.statusCode()).isEqualTo(429);
      assertThat(json(response).path("error").path("code").asString()).isEqualTo("server_busy");
      assertThat(Long.parseLong(response.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1L, 60L);
    } finally {
      for (Socket socket : busy) {
        socket.close();
      }
    }
    awaitRunning(0);
    assertThat(server.chat(SHORT, "Authorization", BEARER).statusCode()).isEqualTo(200);
  }

  @Test
  void endlessAnswer_endsAtTheDeadline() {
    HttpResponse<String> response = server.chat(ENDLESS.formatted(false), "Authorization", BEARER);
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(json(response).path("error").path("code").asString()).isEqualTo("deadline_exceeded");
  }

  @Test
  void endlessStream_endsAtTheDeadlineWithAnErrorAndNotAsIfItWereDone() {
    HttpResponse<String> response = server.chat(ENDLESS.formatted(true), "Authorization", BEARER);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("deadline_exceeded").doesNotContain("[DONE]");
  }

  @Test
  void waitingStream_saysThatItIsAlive() throws Exception {
    try (Socket first = send(ENDLESS.formatted(true))) {
      awaitRunning(1);
      try (Socket second = send(ENDLESS.formatted(true))) {
        BufferedReader lines = reader(second);
        String line = lines.readLine();
        while (line != null && !line.startsWith(":")) {
          line = lines.readLine();
        }
        assertThat(line).isEqualTo(": working");
      }
      assertThat(first.isConnected()).isTrue();
    }
  }

  @Test
  void stoppedServer_finishesWhatRuns() throws Exception {
    CompletableFuture<HttpResponse<String>> answer;
    try (RunningServer own =
        RunningServer.start("--model=" + RunningServer.modelThatNeverStops())) {
      answer =
          own.client()
              .sendAsync(
                  own.request("/v1/chat/completions", "Content-Type", "application/json")
                      .POST(
                          BodyPublishers.ofString(
                              ENDLESS.formatted(false).replace("100000", "200")))
                      .build(),
                  BodyHandlers.ofString());
      while (own.metric("squint_answers_running") < 1 && !answer.isDone()) {
        Thread.sleep(5);
      }
    }
    assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(200);
  }

  private Socket send(String body) throws IOException {
    return send(server, body);
  }

  private static Socket send(RunningServer server, String body) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(BEARER, bytes.length);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return socket;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private void awaitRunning(int answers) throws InterruptedException {
    await(server, "squint_answers_running", answers);
  }

  private void awaitWaiting(int questions) throws InterruptedException {
    await(server, "squint_questions_waiting", questions);
  }

  private static void await(RunningServer server, String name, int value)
      throws InterruptedException {
    long start = System.nanoTime();
    double seen = server.metric(name, "Authorization", BEARER);
    while (seen != value) {
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("%s is %s but should become %d", name, seen, value)
          .isLessThan(RunningServer.PATIENCE);
      Thread.sleep(5);
      seen = server.metric(name, "Authorization", BEARER);
    }
  }
}
