package dev.squint.webapp.cluster;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real nginx with the recipe of webapp/deploy, before replicas on other ports. */
public final class Nginx implements AutoCloseable {

  static final Path RECIPE = Path.of("deploy", "nginx.conf");

  private final Process process;
  private final int port;

  /** Starts it before three replicas at these ports. */
  public Nginx(List<Integer> replicas) {
    Path program = Tool.NGINX.find();
    try {
      port = freePort();
      Path folder = Files.createTempDirectory("squint-nginx");
      String text = Files.readString(RECIPE).replace("listen 8080", "listen 127.0.0.1:" + port);
      for (int i = 0; i < 3; i++) {
        text = text.replace("127.0.0.1:808" + (i + 1) + " ", "127.0.0.1:" + replicas.get(i) + " ");
      }
      Path configuration = Files.writeString(folder.resolve("nginx.conf"), text);
      process =
          new ProcessBuilder(
                  program.toString(),
                  "-c",
                  configuration.toString(),
                  "-p",
                  folder.toString(),
                  "-e",
                  folder.resolve("error.log").toString(),
                  "-g",
                  "daemon off; pid %s; worker_processes 1;".formatted(folder.resolve("pid")))
              .inheritIO()
              .start();
      awaitPort(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void awaitPort(int port) {
    long start = System.nanoTime();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() - start > RunningServer.PATIENCE.toNanos()) {
          throw new UncheckedIOException("nothing listens on port " + port, notYet);
        }
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
