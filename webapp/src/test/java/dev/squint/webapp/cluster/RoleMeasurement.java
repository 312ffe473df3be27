package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.cluster.RoleSimulation.Machines;
import dev.squint.webapp.cluster.RoleSimulation.Seen;
import dev.squint.webapp.cluster.RoleSimulation.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Encoding apart from answering: two processes with a core each in both arrangements, their memory,
 * and a simulation of 1 to 8 machines with the measured times. Run by {@code
 * webapp/cluster/roles.sh}.
 */
class RoleMeasurement {

  private static final int QUESTIONS = Integer.getInteger("roles.questions", 48);
  private static final int ALONE = Math.max(3, QUESTIONS / 4);
  private static final int OF_LARGE = Math.max(3, QUESTIONS / 8);
  private static final String MODEL = "--model=../samples/tiny-vlm/package";
  private static final String LARGE = System.getProperty("roles.large", "arch:smolvlm-256m");
  private static final int TOKENS = 16;
  private static final double SHARE = 0.9;

  /** Only a server that hangs takes longer. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final StringBuilder text = new StringBuilder();

  private static String body(int picture) {
    return "{\"stream\":true,\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}},{\"type\":\"text\",\"text\":\"What is this?\"}]}]}"
        .formatted(TOKENS, Base64.getEncoder().encodeToString(StickyMeasurement.picture(picture)));
  }

  /** Milliseconds from the question to the first token, and from there to the end. */
  private record Times(double first, double rest) {}

  private Times ask(String address, int picture) {
    long start = System.nanoTime();
    try {
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(URI.create(address + "/v1/chat/completions"))
                  .header("Content-Type", "application/json")
                  .timeout(PATIENCE)
                  .POST(BodyPublishers.ofString(body(picture)))
                  .build(),
              BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      double first = 0;
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (first == 0 && line.contains("\"content\":\"") && !line.contains("\"content\":\"\"")) {
            first = (System.nanoTime() - start) / 1e6;
          }
        }
      }
      double all = (System.nanoTime() - start) / 1e6;
      return new Times(first == 0 ? all : first, first == 0 ? 0 : all - first);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode timings(String address, int picture, HttpClient client) throws Exception {
    RunningServer.Form form =
        new RunningServer.Form()
            .file("files", "a.png", StickyMeasurement.picture(picture))
            .field("question", "What is this?")
            .field("max_tokens", Integer.toString(TOKENS));
    HttpResponse<String> response =
        client.send(RunningServer.form(address + "/api/ask", form), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return RunningServer.json(response).findValue("timings_ms");
  }

  /** The median work of questions that are asked one after the other. */
  private Work work(Replica all, Replica answer, int count) throws Exception {
    List<JsonNode> own = new ArrayList<>();
    List<JsonNode> remote = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      own.add(timings(all.address(), 1000 + i, client));
      remote.add(timings(answer.address(), 1000 + i, client));
    }
    // The first questions warm up.
    List<JsonNode> counted = own.subList(count / 3, count);
    List<JsonNode> away = remote.subList(count / 3, count);
    double encode = median(counted, "encode");
    return new Work(
        encode,
        Math.max(0, median(away, "encode") - encode),
        median(counted, "preprocess") + median(counted, "prefill"),
        median(counted, "decode"),
        0);
  }

  private static double median(List<JsonNode> times, String name) {
    double[] sorted =
        times.stream().mapToDouble(time -> time.path(name).asDouble()).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private List<Times> load(List<Replica> answering, int clients, int from) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<Times>> running = new ArrayList<>();
      for (int i = 0; i < QUESTIONS; i++) {
        int number = i;
        running.add(
            threads.submit(
                () -> ask(answering.get(number % answering.size()).address(), from + number)));
      }
      List<Times> times = new ArrayList<>();
      for (Future<Times> each : running) {
        times.add(each.get());
      }
      return times;
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void roles() throws Exception {
    text.append(
        """
        # Encoding apart from answering

        Written by `webapp/cluster/roles.sh`; mean load of the machine before the start: %.1f on %d cores. Each process has
        one core (`taskset`) and one thread of ONNX Runtime. Answers have %d tokens at most, all pictures are new.
        """
            .formatted(
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors(),
                TOKENS));
    Work small = pair();
    Work large = memory();
    step("simulation of the default model");
    simulate("the default model", small);
    step("simulation of " + LARGE);
    simulate(LARGE, large);
    write();
  }

  /** Shows how far a run is. */
  private static void step(String name) {
    System.out.printf("%tT %s%n", System.currentTimeMillis(), name);
  }

  private void write() throws IOException {
    Path file = Path.of(System.getProperty("results.dir", "target/results"), "roles.md");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static Replica replica(String cores, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("--squint.onnx.threads=1");
    all.add("--squint.work.queue=64");
    all.add("--squint.work.deadline=10m");
    all.add("--squint.encode.deadline=5m");
    return new Replica(cores, all.toArray(String[]::new));
  }

  private Work pair() throws Exception {
    text.append(
        """

        ## Two processes

        %d questions about the default model by 4 clients, measured.

        | arrangement | questions/s | first token, ms: median | 90 %% | later tokens, ms: median | 90 %% |
        |---|---|---|---|---|---|
        """
            .formatted(QUESTIONS));
    try (Replica one = replica("0", MODEL).ready();
        Replica two = replica("1", MODEL).ready()) {
      step("two that do both");
      load(List.of(one, two), 4, 10_000);
      row("two that do both", List.of(one, two), 20_000);
    }
    try (Replica encode = replica("0", MODEL, "--squint.role=encode").ready();
        Replica answer =
            replica(
                    "1",
                    MODEL,
                    "--squint.role=answer",
                    "--squint.encode.replicas=" + encode.address(),
                    "--squint.work.answers=4")
                .ready()) {
      step("one encodes, one answers");
      load(List.of(answer), 4, 10_000);
      row("one encodes, one answers", List.of(answer), 20_000);
      try (Replica all = replica("1", MODEL).ready()) {
        step("questions one after the other");
        return work(all, answer, ALONE);
      }
    }
  }

  private void row(String name, List<Replica> answering, int from) throws Exception {
    long start = System.nanoTime();
    List<Times> times = load(answering, 4, from);
    double seconds = (System.nanoTime() - start) / 1e9;
    double[] first = times.stream().mapToDouble(Times::first).sorted().toArray();
    double[] rest = times.stream().mapToDouble(Times::rest).sorted().toArray();
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %.1f | %.0f | %.0f | %.0f | %.0f |%n",
            name,
            QUESTIONS / seconds,
            RoleSimulation.percentile(first, 0.5),
            RoleSimulation.percentile(first, SHARE),
            RoleSimulation.percentile(rest, 0.5),
            RoleSimulation.percentile(rest, SHARE)));
  }

  private Work memory() throws Exception {
    text.append(
        """

        ## Memory

        Peak of the process (`VmHWM`) after %d questions about %s, MiB.

        | role | peak |
        |---|---|
        """
            .formatted(OF_LARGE, LARGE));
    step("memory with " + LARGE);
    String model = "--model=" + LARGE;
    String cap = "--squint.native-size-cap=true";
    try (Replica encode = replica("0", model, cap, "--squint.role=encode").ready();
        Replica answer =
            replica(
                    "1",
                    model,
                    cap,
                    "--squint.role=answer",
                    "--squint.encode.replicas=" + encode.address())
                .ready();
        Replica all = replica("1", model, cap).ready()) {
      Work work = work(all, answer, OF_LARGE);
      text.append("| all | %d |%n".formatted(all.peakMemory()));
      text.append("| answer | %d |%n".formatted(answer.peakMemory()));
      text.append("| encode | %d |%n".formatted(encode.peakMemory()));
      return work;
    }
  }

  private void simulate(String model, Work work) {
    double firstLimit = 4 * (work.encode() + work.prefill());
    double restLimit = 3 * work.decode();
    text.append(
        String.format(
            Locale.ROOT,
            """

            ## Simulation of 1 to 8 machines: %s

            Computed by `RoleSimulation` from medians that this command measured, each question alone: %.0f ms to encode a
            picture, %.0f ms more if it is encoded elsewhere, %.0f ms from there to the first token, %.0f ms for later tokens.
            Goodput is the most questions/s of which 90 %% have their first token within %.0f ms and the rest within %.0f ms.
            First token is the median, at 70 %% of the goodput of machines that do both. Apart is the best division.

            | machines | both: goodput | both: first token, ms | encode + answer | apart: goodput | apart: first token, ms |
            |---|---|---|---|---|---|
            """,
            model,
            work.encode(),
            work.send(),
            work.prefill(),
            work.decode(),
            firstLimit,
            restLimit));
    for (int n = 1; n <= 8; n++) {
      Machines both = new Machines(0, n, 2);
      double goodput = RoleSimulation.goodput(both, work, SHARE, firstLimit, restLimit);
      double rate = 0.7 * goodput;
      text.append(
          String.format(
              Locale.ROOT,
              "| %d | %.2f | %.0f | ",
              n,
              goodput,
              seen(both, work, rate, firstLimit, restLimit).median()));
      Machines best = null;
      double most = 0;
      for (int encoders = 1; encoders < n; encoders++) {
        Machines apart = new Machines(encoders, n - encoders, 4);
        double of = RoleSimulation.goodput(apart, work, SHARE, firstLimit, restLimit);
        if (of > most) {
          most = of;
          best = apart;
        }
      }
      text.append(
          best == null
              ? "- | - | - |\n"
              : String.format(
                  Locale.ROOT,
                  "%d + %d | %.2f | %.0f |%n",
                  best.encoders(),
                  best.answerers(),
                  most,
                  seen(best, work, rate, firstLimit, restLimit).median()));
    }
  }

  private static Seen seen(
      Machines machines, Work work, double rate, double firstLimit, double restLimit) {
    return RoleSimulation.run(machines, work, rate, 3000, 7, firstLimit, restLimit);
  }
}
