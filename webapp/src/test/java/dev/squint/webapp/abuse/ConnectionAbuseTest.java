package dev.squint.webapp.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that hold connections, send slowly, too much, or go away. */
class ConnectionAbuseTest {

  private static final String HEAD =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  private static final int PATIENCE_MILLIS = 15_000;

  @Test
  void halfOpenConnections_areClosed() throws Exception {
    Endurance.stands(
        "connection",
        "100 connections that send nothing, or half a head",
        server -> {
          List<Socket> sockets = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            Socket socket = connect(server);
            if (i % 2 == 0) {
              write(socket, HEAD.substring(0, 40));
            }
            sockets.add(socket);
          }
          assertThat(server.get("/actuator/health").statusCode()).isEqualTo(200);
          for (Socket socket : sockets) {
            awaitClosed(socket);
          }
          return "closed";
        });
  }

  @Test
  void slowBody_isGivenUp() throws Exception {
    Endurance.stands(
        "connection",
        "20 bodies of one byte in a fifth of a second",
        server -> {
          List<Socket> sockets = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            Socket socket = connect(server);
            write(socket, HEAD + "Content-Length: 5000\r\n\r\n{");
            sockets.add(socket);
          }
          int open = sockets.size();
          for (int tick = 0; tick < 40 && open > 0; tick++) {
            Thread.sleep(200);
            open = 0;
            for (Socket socket : sockets) {
              open += trickle(socket) ? 1 : 0;
            }
          }
          assertThat(open).isZero();
          return "closed";
        });
  }

  /** Sends one byte; whether the connection still takes it. */
  private static boolean trickle(Socket socket) {
    try {
      write(socket, " ");
      socket.setSoTimeout(1);
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException stillOpen) {
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  @Test
  void slowReader_isGivenUp() throws Exception {
    Endurance.stands(
        "connection",
        "a client that asks for an endless stream and does not read",
        server -> {
          try (Socket socket = connect(server)) {
            socket.setReceiveBufferSize(1024);
            send(socket, endless());
            server.awaitIdle();
          }
          return "given up";
        });
  }

  @Test
  void storm_leavesNothingRunning() throws Exception {
    Endurance.stands(
        "connection",
        "200 clients that ask and go away at once",
        server -> {
          storm(server);
          server.awaitIdle();
          return "nothing is answered any more";
        });
  }

  @Test
  void storm_isNotAnsweredUntilTheDeadline() throws Exception {
    try (RunningServer server =
        RunningServer.start(
            "--model=" + RunningServer.modelThatNeverStops(),
            "--squint.limits.tokens=100000",
            "--squint.work.deadline=" + RunningServer.FAR_DEADLINE)) {
      // The second time the server's code is compiled, and answers begin before clients have left.
      storm(server);
      server.awaitIdle();
      storm(server);
      server.awaitIdle();
    }
  }

  private static void storm(RunningServer server) throws Exception {
    for (int i = 0; i < 200; i++) {
      try (Socket socket = connect(server)) {
        send(socket, endless());
        if (i % 3 == 0) {
          Thread.sleep(5);
        }
        socket.setSoLinger(i % 2 == 0, 0);
      }
    }
  }

  @Test
  void oversizedRequests_areRefused() throws Exception {
    assertStatus(
        "a body that says it has 10 GB", HEAD + "Content-Length: 10000000000\r\n\r\n{", 413);
    assertStatus(
        "a head of 100 kB",
        HEAD.replace("Host", "X-Large: " + "x".repeat(100_000) + "\r\nHost"),
        413,
        431,
        400);
    assertStatus("a length that is no number", HEAD + "Content-Length: many\r\n\r\n{}", 400);
    assertStatus("two lengths", HEAD + "Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}", 400);
    assertStatus(
        "a chunk that is no chunk", HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", 400);
    assertStatus(
        "an address of 100 kB",
        "GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
        414,
        400);
    assertStatus("no HTTP at all", "\u0016\u0003\u0001\r\n\r\n", 400);
  }

  @Test
  void endlessChunks_areBrokenOff() throws Exception {
    Endurance.stands(
        "connection",
        "chunks without end",
        server -> {
          byte[] chunk =
              ("10000\r\n" + " ".repeat(65_536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
          long sent = 0;
          try (Socket socket = connect(server)) {
            write(socket, HEAD + "Transfer-Encoding: chunked\r\n\r\n");
            OutputStream out = socket.getOutputStream();
            while (sent < 200L << 20) {
              out.write(chunk);
              sent += chunk.length;
            }
          } catch (SocketException closed) {
            assertThat(sent).isLessThan(100L << 20);
            return "broken off";
          }
          throw new AssertionError("200 MB were taken");
        });
  }

  private static void assertStatus(String name, String request, Integer... allowed)
      throws Exception {
    Endurance.stands(
        "request",
        name,
        server -> {
          try (Socket socket = connect(server)) {
            try {
              write(socket, request);
            } catch (SocketException closedWhileWriting) {
              return "connection closed";
            }
            String line = status(socket);
            assertThat(line.isEmpty() ? 400 : Integer.parseInt(line.substring(9, 12)))
                .as(line)
                .isIn((Object[]) allowed);
            return line.isEmpty() ? "connection closed" : line.substring(9, 12);
          }
        });
  }

  private static String status(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    try {
      for (int next = socket.getInputStream().read();
          next > '\r';
          next = socket.getInputStream().read()) {
        line.append((char) next);
      }
    } catch (SocketException reset) {
      return "";
    }
    return line.toString();
  }

  private static String endless() {
    return "{\"stream\":true,\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";
  }

  private static void send(Socket socket, String body) throws IOException {
    write(socket, HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body);
  }

  private static Socket connect(RunningServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private static void awaitClosed(Socket socket) throws IOException {
    try (socket) {
      while (socket.getInputStream().read() >= 0) {
        // What the server says before it closes does not matter.
      }
    } catch (SocketException reset) {
      // Closed as well.
    }
  }
}
