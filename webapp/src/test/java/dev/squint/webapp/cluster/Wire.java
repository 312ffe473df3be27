package dev.squint.webapp.cluster;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The wire to a server. It can break in the middle of a response as it does when the server's
 * process is killed: all connections end, and new ones are refused.
 */
final class Wire implements AutoCloseable {

  /** When the wire of the next response breaks; one for all wires to some servers. */
  static final class Cut {
    private final AtomicReference<@Nullable String> after = new AtomicReference<>();
    private final AtomicInteger broken = new AtomicInteger();

    /** After the first line of the next response that has this text. */
    void afterTheFirst(String text) {
      after.set(text);
    }

    /** Before the first byte of the next response. */
    void beforeTheAnswer() {
      after.set("");
    }

    /** Number of wires that broke. */
    int broken() {
      return broken.get();
    }

    /** How many of these bytes pass before the wire breaks; all of them if it does not. */
    private synchronized int passing(byte[] bytes, int count) {
      String text = after.get();
      if (text == null) {
        return count;
      }
      String block = new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
      int at = block.indexOf(text);
      int end = text.isEmpty() ? 0 : block.indexOf('\n', at) + 1;
      if (at < 0 || (end == 0 && !text.isEmpty())) {
        return count;
      }
      after.set(null);
      broken.incrementAndGet();
      return end == count ? count - 1 : end;
    }
  }

  private final ServerSocket listening;
  private final int target;
  private final Cut cut;
  private final List<Closeable> open = Collections.synchronizedList(new ArrayList<>());

  Wire(int target, Cut cut) {
    this.target = target;
    this.cut = cut;
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
                // One of the two sides went away.
              }
            },
            "wire");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listening.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(client);
      open.add(server);
      run(() -> pass(client, server, false));
      run(() -> pass(server, client, true));
    }
  }

  private void pass(Socket from, Socket to, boolean response) throws IOException {
    byte[] block = new byte[1 << 16];
    OutputStream out = to.getOutputStream();
    for (int n = from.getInputStream().read(block); n >= 0; n = from.getInputStream().read(block)) {
      int passing = response ? cut.passing(block, n) : n;
      out.write(block, 0, passing);
      if (passing < n) {
        close();
      }
    }
    to.close();
  }

  @Override
  public void close() {
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
