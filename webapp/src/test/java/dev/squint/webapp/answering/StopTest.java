package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A server that stops. */
class StopTest {

  private static final String LONG =
      "{\"stream\":true,\"max_tokens\":600,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";

  /** A stop takes about 5 s here. One that waits for the upload takes 10 minutes. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  @Test
  void stop_finishesAnswersAndDoesNotWaitForAnUploadThatStandsStill() throws Exception {
    RunningServer server =
        RunningServer.start(
            "--model=" + RunningServer.modelThatNeverStops(),
            "--squint.limits.tokens=100000",
            "--squint.work.deadline=" + RunningServer.FAR_DEADLINE,
            "--squint.work.body-timeout=" + RunningServer.FAR_DEADLINE);
    try (Socket upload = send(server, LONG.substring(0, 20));
        Socket stream = send(server, LONG)) {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8));
      String line = lines.readLine();
      while (!line.contains("content\":")) {
        line = lines.readLine();
      }
      CompletableFuture<Void> stop = CompletableFuture.runAsync(server::close);
      assertThat(lines.lines().collect(Collectors.joining("\n"))).contains("data: [DONE]");
      stop.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
      assertThat(upload.getInputStream().readAllBytes()).as("a response").isEmpty();
    }
  }

  /** Sends a question whose length is that of {@link #LONG}. */
  private static Socket send(RunningServer server, String body) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    String head =
        """
        POST /v1/chat/completions HTTP/1.1
        Host: 127.0.0.1
        Connection: close
        Content-Type: application/json
        Content-Length: %d

        """
            .formatted(LONG.length())
            .replace("\n", "\r\n");
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
    return socket;
  }
}
