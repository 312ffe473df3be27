package dev.squint.webapp.features;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A TCP proxy before a service that can hold back all answers. */
final class StuckProxy implements AutoCloseable {

  private final ServerSocket listening;
  private final int target;
  private final AtomicLong received = new AtomicLong();
  private final List<Closeable> open = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean stuck;

  StuckProxy(int target) {
    this.target = target;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Bytes that clients have sent so far. */
  long received() {
    return received.get();
  }

  /** Holds answers back from now on, or passes them. */
  void stick(boolean now) {
    stuck = now;
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void run(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // The client or the service went away.
              }
            },
            "stuck-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listening.accept();
      open.add(client);
      run(() -> connect(client));
    }
  }

  private void connect(Socket client) throws IOException {
    try {
      Socket service = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(service);
      run(() -> pass(service, client, false));
      pass(client, service, true);
    } finally {
      client.close();
    }
  }

  private void pass(Socket from, Socket to, boolean request) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (int n = from.getInputStream().read(buffer);
        n >= 0;
        n = from.getInputStream().read(buffer)) {
      if (request) {
        received.addAndGet(n);
      }
      while (stuck && !request && !from.isClosed()) {
        RedisServer.sleep();
      }
      to.getOutputStream().write(buffer, 0, n);
    }
    to.close();
  }

  @Override
  public void close() {
    stuck = false;
    try {
      listening.close();
      for (Closeable socket : List.copyOf(open)) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
