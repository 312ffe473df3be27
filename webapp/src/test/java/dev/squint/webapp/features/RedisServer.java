package dev.squint.webapp.features;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.Tool;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Function;

/** A real Redis server on a free port, which can be stopped and started again. */
final class RedisServer implements AutoCloseable {

  private final Path program = Tool.REDIS.find();
  private final int port = freePort();
  private Process process = start();

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process start() {
    try {
      Process started =
          new ProcessBuilder(
                  program.toString(),
                  "--port",
                  Integer.toString(port),
                  "--bind",
                  "127.0.0.1",
                  "--save",
                  "",
                  "--appendonly",
                  "no")
              .redirectErrorStream(true)
              .redirectOutput(new File("/dev/null"))
              .start();
      awaitPort();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitPort() {
    long start = System.nanoTime();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() - start > RunningServer.PATIENCE.toNanos()) {
          throw new UncheckedIOException("the Redis server does not start", notYet);
        }
        sleep();
      }
    }
  }

  static void sleep() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return port;
  }

  String address() {
    return "redis://127.0.0.1:" + port;
  }

  /** Ends the process at once; its content is lost. */
  void stop() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void startAgain() {
    process = start();
  }

  /** Runs commands. */
  <T> T with(Function<RedisCommands<byte[], byte[]>, T> commands) {
    RedisClient client = RedisClient.create(address());
    try (StatefulRedisConnection<byte[], byte[]> open = client.connect(ByteArrayCodec.INSTANCE)) {
      return commands.apply(open.sync());
    } finally {
      client.shutdown();
    }
  }

  /** The number of values. */
  long values() {
    return with(RedisCommands::dbsize);
  }

  /** Replaces every value by random bytes of the same length. */
  void fillWithGarbage() {
    with(
        redis -> {
          Random random = new Random(7);
          for (byte[] key : redis.keys("*")) {
            byte[] garbage = new byte[(int) (long) redis.strlen(key)];
            random.nextBytes(garbage);
            redis.set(key, garbage);
          }
          return null;
        });
  }

  /** Replaces every value by a list. */
  void fillWithLists() {
    with(
        redis -> {
          for (byte[] key : redis.keys("*")) {
            redis.del(key);
            redis.rpush(key, new byte[] {1});
          }
          return null;
        });
  }

  @Override
  public void close() {
    stop();
  }
}
