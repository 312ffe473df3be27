package dev.squint.webapp.model;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several models in one server, two of them from a hub on this machine. */
class ModelRegistryTest {

  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final String CACHE = "squint.cache";

  /** The small model needs 2.6 MB. */
  private static final String TWO_MODELS = "6MB";

  private static final String ONE_MODEL = "3MB";

  @TempDir Path temporary;
  private HttpServer hub;
  private final Queue<String> downloads = new ConcurrentLinkedQueue<>();
  private String cacheBefore;

  @BeforeEach
  void startHub() throws IOException {
    cacheBefore = System.getProperty(CACHE, "");
    System.setProperty(CACHE, temporary.toString());
    hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hub.createContext("/", this::answer);
    hub.start();
  }

  @AfterEach
  void stopHub() {
    hub.stop(0);
    if (cacheBefore.isEmpty()) {
      System.clearProperty(CACHE);
    } else {
      System.setProperty(CACHE, cacheBefore);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] content;
      if (path.startsWith("/api/models/")) {
        content = listing().getBytes(StandardCharsets.UTF_8);
      } else {
        downloads.add(path);
        content =
            Files.readAllBytes(
                RunningServer.MODEL.resolve(
                    path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1)));
      }
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    }
  }

  private static String listing() throws IOException {
    List<String> entries = new ArrayList<>();
    try (Stream<Path> files = Files.walk(RunningServer.MODEL)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        entries.add(
            "{\"rfilename\": \"%s\", \"lfs\": {\"sha256\": \"%s\", \"size\": %d}}"
                .formatted(
                    RunningServer.MODEL.relativize(file).toString().replace('\\', '/'),
                    sha256(content),
                    content.length));
      }
    }
    return "{\"sha\": \"%s\", \"siblings\": [%s]}".formatted(COMMIT, String.join(",", entries));
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void modelsOfAHub_areLoadedAtFirstUse_andTheLeastRecentlyUsedIsClosed() throws Exception {
    try (RunningServer server =
        RunningServer.start(
            "--model=" + RunningServer.MODEL + ",tiny/one,tiny/two",
            "--squint.hub=http://localhost:" + hub.getAddress().getPort(),
            "--squint.work.model-memory=" + TWO_MODELS)) {
      assertThat(loaded(server)).containsExactlyInAnyOrderEntriesOf(states(true, false, false));
      assertThat(json(server.get("/v1/models")).at("/data").valueStream())
          .extracting(model -> model.path("id").asString())
          .containsExactly("tiled", "tiny/one", "tiny/two");

      HttpResponse<String> loading = ask(server, "tiny/one");
      assertThat(loading.statusCode()).isEqualTo(503);
      assertThat(json(loading).at("/error/code").asString()).isEqualTo("model_loading");
      assertThat(loading.headers().firstValue("Retry-After")).isPresent();
      assertThat(awaitAnswer(server, "tiny/one")).isEqualTo("tiny/one");
      assertThat(awaitAnswer(server, "one")).as("without its owner").isEqualTo("tiny/one");
      assertThat(awaitAnswer(server, "default")).isEqualTo("tiled");
      assertThat(loaded(server)).isEqualTo(states(true, true, false));

      assertThat(awaitAnswer(server, "tiny/two")).isEqualTo("tiny/two");
      assertThat(loaded(server))
          .as("one was used before default")
          .isEqualTo(states(true, false, true));

      int downloaded = downloads.size();
      assertThat(awaitAnswer(server, "tiny/one:latest")).isEqualTo("tiny/one");
      assertThat(downloads).as("it is in the cache now").hasSize(downloaded);
      assertThat(loaded(server)).isEqualTo(states(false, true, true));

      HttpResponse<String> unknown = ask(server, "tiny/three");
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.body()).contains("there are 'tiled', 'tiny/one', 'tiny/two'");
    }
  }

  @Test
  void aModelInUse_isNotClosedForAnother() throws Exception {
    try (RunningServer server =
        RunningServer.start(
            "--model=" + RunningServer.modelThatNeverStops() + "," + RunningServer.MODEL,
            "--squint.work.model-memory=" + ONE_MODEL,
            "--squint.work.deadline=" + RunningServer.FAR_DEADLINE,
            "--squint.limits.tokens=100000")) {
      String endless =
          "{\"stream\":true,\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";
      HttpResponse<InputStream> stream =
          server
              .client()
              .send(
                  server
                      .request("/v1/chat/completions", "Content-Type", "application/json")
                      .POST(BodyPublishers.ofString(endless))
                      .build(),
                  BodyHandlers.ofInputStream());
      try (InputStream pieces = stream.body()) {
        assertThat(pieces.read()).isPositive();
        HttpResponse<String> refused = ask(server, "tiled");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(json(refused).at("/error/code").asString()).isEqualTo("model_memory");
      }
      server.awaitIdle();
      assertThat(awaitAnswer(server, "tiled")).isEqualTo("tiled");
    }
  }

  private static Map<String, Boolean> states(boolean tiled, boolean one, boolean two) {
    return new TreeMap<>(Map.of("tiled", tiled, "tiny/one", one, "tiny/two", two));
  }

  private static Map<String, Boolean> loaded(RunningServer server) {
    Map<String, Boolean> loaded = new TreeMap<>();
    server.bean(ModelRegistry.class).list((id, served) -> loaded.put(id, served != null) == null);
    return loaded;
  }

  private static HttpResponse<String> ask(RunningServer server, String model) {
    return server.chat(
        "{\"model\":\"%s\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
            .formatted(model));
  }

  /** Asks until the model is loaded; returns the name of the model that answered. */
  private static String awaitAnswer(RunningServer server, String model)
      throws InterruptedException {
    long start = System.nanoTime();
    HttpResponse<String> response = ask(server, model);
    while (response.statusCode() == 503) {
      assertThat(System.nanoTime() - start).isLessThan(RunningServer.PATIENCE.toNanos());
      Thread.sleep(20);
      response = ask(server, model);
    }
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).path("model").asString();
  }
}
