package dev.squint.webapp.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * How many answers the server gives to 1, 2, 4 and 8 clients, and how long they wait. Not part of
 * the ordinary tests: {@code -Dtest=LoadMeasurement}, with {@code -Dload.seconds=60} for each
 * number of clients.
 */
class LoadMeasurement {

  private static final String[] PICTURES = {
    "shapes.png", "chart.png", "text.png", "shapes-large.png"
  };
  private static final String[] QUESTIONS = {
    "How many shapes are there?",
    "Which bar is the highest?",
    "What does the text say?",
    "What color is the heart?"
  };

  /** How many mebibytes more than after the warm-up may be held. */
  private static final int MOST_MORE = 100;

  /** What one client has seen. */
  private record Seen(List<Double> firstTokenMillis, int refused, List<String> failures) {}

  @Test
  void clients() throws Exception {
    int seconds = Integer.getInteger("load.seconds", 60);
    StringBuilder table =
        new StringBuilder(
            """
            # Load

            The default model; each client asks one question after the other for %d s, streamed, about four pictures in turn that
            the encoder's cache knows after the first round. TTFT is measured by the client. Memory is that of the process, with
            the clients in it: what lives in the heap after a collection, and what the process holds outside of the heap. It is
            warmed up by 8 clients for as long; the last row is the first load once more. %d processors, load average %.1f before. Written by

            `mvn -B -pl webapp -am test -Dtest=LoadMeasurement -Dload.seconds=60 -Dsurefire.failIfNoSpecifiedTests=false -Dresults.dir=results`

            | clients | answers | answers/s | TTFT p50, ms | p95, ms | p99, ms | 429 | other failures | heap, MiB | outside, MiB |
            |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
            """
                .formatted(
                    seconds,
                    Runtime.getRuntime().availableProcessors(),
                    ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    try (RunningServer server = RunningServer.start("--model=../samples/tiny-vlm/package")) {
      // Long enough for the JVM to have compiled and loaded what it will.
      load(server, 8, Math.max(1, seconds));
      Memory warm = Memory.now();
      for (int clients : new int[] {1, 2, 4, 8, 1}) {
        long start = System.nanoTime();
        List<Seen> seen = load(server, clients, seconds);
        double took = (System.nanoTime() - start) / 1e9;
        Memory after = Memory.now();
        List<Double> waits = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        int refused = 0;
        for (Seen one : seen) {
          waits.addAll(one.firstTokenMillis());
          failures.addAll(one.failures());
          refused += one.refused();
        }
        Collections.sort(waits);
        table.append(
            String.format(
                Locale.ROOT,
                "| %d | %d | %.1f | %.0f | %.0f | %.0f | %d | %d | %d | %d |%n",
                clients,
                waits.size(),
                waits.size() / took,
                percentile(waits, 0.50),
                percentile(waits, 0.95),
                percentile(waits, 0.99),
                refused,
                failures.size(),
                after.heap(),
                after.outside()));
        Path file = Path.of(System.getProperty("results.dir", "target/results"), "load.md");
        Files.createDirectories(file.getParent());
        Files.writeString(file, table);
        assertThat(failures).as("failures other than 429").isEmpty();
        assertThat(after.heap()).as("heap in MiB").isLessThan(warm.heap() + MOST_MORE);
        assertThat(after.outside())
            .as("memory outside the heap, MiB")
            .isLessThan(warm.outside() + MOST_MORE);
      }
    }
  }

  private static double percentile(List<Double> sorted, double share) {
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
  }

  /** Megabytes of this process: live objects, and everything that is not the heap. */
  private record Memory(long heap, long outside) {

    static Memory now() throws IOException {
      System.gc();
      MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
      long resident =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
              .findFirst()
              .orElse(0);
      return new Memory(heap.getUsed() >> 20, resident - (heap.getCommitted() >> 20));
    }
  }

  private static List<Seen> load(RunningServer server, int clients, int seconds) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      long end = System.nanoTime() + seconds * 1_000_000_000L;
      List<Future<Seen>> running = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        int offset = client;
        Callable<Seen> asking = () -> ask(server, offset, end);
        running.add(threads.submit(asking));
      }
      List<Seen> seen = new ArrayList<>();
      for (Future<Seen> one : running) {
        seen.add(one.get());
      }
      return seen;
    } finally {
      threads.shutdown();
    }
  }

  /** Asks one question after the other, each about another picture. */
  private static Seen ask(RunningServer server, int offset, long end) throws Exception {
    List<Double> waits = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    int refused = 0;
    for (int i = offset; System.nanoTime() < end; i++) {
      String body =
          "{\"stream\":true,\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"%s\"}]}]}"
              .formatted(
                  RunningServer.dataUrl(PICTURES[i % PICTURES.length]),
                  QUESTIONS[i / PICTURES.length % QUESTIONS.length]);
      long start = System.nanoTime();
      HttpResponse<InputStream> response =
          server
              .client()
              .send(
                  server
                      .request("/v1/chat/completions", "Content-Type", "application/json")
                      .POST(BodyPublishers.ofString(body))
                      .build(),
                  BodyHandlers.ofInputStream());
      double firstToken = 0;
      boolean done = false;
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (firstToken == 0
              && line.contains("\"content\":\"")
              && !line.contains("\"content\":\"\"")) {
            firstToken = (System.nanoTime() - start) / 1e6;
          }
          done |= line.equals("data: [DONE]");
        }
      }
      if (response.statusCode() == 429) {
        refused++;
        Thread.sleep(
            1000 * Long.parseLong(response.headers().firstValue("Retry-After").orElse("1")));
      } else if (response.statusCode() == 200 && done) {
        waits.add(firstToken == 0 ? (System.nanoTime() - start) / 1e6 : firstToken);
      } else {
        failures.add("status " + response.statusCode());
      }
    }
    return new Seen(waits, refused, failures);
  }
}
