package dev.squint.webapp.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.ResultTable;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The server that is abused, and the checks after each abuse: it lives, is no larger, and answers.
 */
final class Endurance {

  /**
   * How much larger the process may become at its peak: the largest picture that is allowed, with
   * its copies.
   */
  private static final long MOST_MEBIBYTES = 700;

  private static final String GOOD =
      "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
  private static final ResultTable TABLE =
      ResultTable.of(
          "abuse",
          """
          # Abuse

          Each case was done to a running server with a model that never stops; after each, the server answered the next
          good request, whose time is given, and nothing of the case ran on. Memory is how much the process grew at its
          peak, client included. Written by

          `mvn -B -pl webapp -am test -Dtest='dev/squint/webapp/abuse/*Test' -Dsurefire.failIfNoSpecifiedTests=false -Dresults.dir=results`
          """,
          "kind",
          "case",
          "answer",
          "next good request, ms",
          "peak memory, MiB more");
  private static final AtomicReference<RunningServer> SERVER = new AtomicReference<>();

  private Endurance() {}

  /** The server with its default limits, short times and a model that never stops. */
  static synchronized RunningServer server() {
    RunningServer server = SERVER.get();
    if (server == null) {
      server =
          RunningServer.start(
              "--model=" + RunningServer.modelThatNeverStops(),
              "--squint.work.body-timeout=5s",
              "--squint.work.deadline=10s",
              "--squint.limits.tokens=100000",
              "--squint.limits.tiles=30",
              "--squint.remote.hosts=pictures.example.org,localhost");
      SERVER.set(server);
      assertAnswers(server);
    }
    return server;
  }

  /**
   * Stops the server, whose caches may be full of large pictures: with them in the heap, each
   * collection of later tests is a full one.
   */
  static synchronized void stop() {
    RunningServer server = SERVER.getAndSet(null);
    if (server != null) {
      server.close();
    }
  }

  /** Something that is done to the server. */
  @FunctionalInterface
  interface Abuse {
    /** Gives the server's answer in a few words. */
    String on(RunningServer server) throws Exception;
  }

  /** Does it, checks that the server has stood it, and notes the case. */
  static String stands(String kind, String name, Abuse abuse) throws Exception {
    RunningServer server = server();
    long before = forgetPeak();
    String answer = abuse.on(server);
    long more = Math.max(0, peak() - before);
    long begun = System.nanoTime();
    assertAnswers(server);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    server.awaitIdle();
    assertThat(more).as("%s: peak memory in MiB more than before", name).isLessThan(MOST_MEBIBYTES);
    TABLE.row(
        kind,
        name,
        answer,
        String.valueOf(millis),
        before == 0 ? "not known here" : String.valueOf(more));
    return answer;
  }

  private static void assertAnswers(RunningServer server) {
    assertThat(server.chat(GOOD).statusCode()).as("the next good request").isEqualTo(200);
    assertThat(server.get("/actuator/health").body()).contains("UP");
  }

  /**
   * Megabytes of the process now; the peak is measured from here on. 0 on systems other than Linux.
   */
  private static long forgetPeak() throws IOException {
    Path peak = Path.of("/proc/self/clear_refs");
    if (!Files.isWritable(peak)) {
      return 0;
    }
    Files.writeString(peak, "5");
    return memory("VmRSS:");
  }

  private static long peak() throws IOException {
    return Files.exists(Path.of("/proc/self/status")) ? memory("VmHWM:") : 0;
  }

  static long memory(String what) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(what))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(0);
  }
}
