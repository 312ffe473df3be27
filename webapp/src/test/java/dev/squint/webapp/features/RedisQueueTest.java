package dev.squint.webapp.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.ServerSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class RedisQueueTest {

  private final AtomicInteger lookups = new AtomicInteger();

  /** Accepts a connection as Redis does, reads every command and replies to no lookup. */
  private void serve(ServerSocket listening) {
    try (Socket socket = listening.accept();
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))) {
      Map<String, String> replies =
          Map.of("HELLO", "-ERR unknown command\r\n", "PING", "+PONG\r\n", "CLIENT", "+OK\r\n");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String reply = replies.get(line);
        if (reply != null) {
          socket.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
        }
        lookups.addAndGet(line.equals("GETRANGE") ? 1 : 0);
      }
    } catch (IOException closed) {
      // The client went away.
    }
  }

  @Test
  void commandsToAStoreThatNeverAnswers_areBounded() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> serve(listening), "stuck-store");
      server.setDaemon(true);
      server.start();
      ServerSettings.Features settings =
          new ServerSettings.Features(
              "redis://127.0.0.1:" + listening.getLocalPort(),
              Duration.ofSeconds(1),
              Duration.ofMillis(1),
              Duration.ofHours(1),
              DataSize.ofMegabytes(1));
      try (RedisFeatures store =
          new RedisFeatures(settings, new StoreMeters(new SimpleMeterRegistry()))) {
        List<String> keys =
            IntStream.range(0, RedisFeatures.MOST_UNANSWERED + 20)
                .mapToObj(i -> "key " + i)
                .toList();
        assertThat(store.find(keys)).isEmpty();
        assertThat(lookups.get()).isBetween(1, RedisFeatures.MOST_UNANSWERED);
      }
    }
  }
}
