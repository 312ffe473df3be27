package dev.squint.webapp;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real application on a free port, and a client that speaks HTTP with it. */
public final class RunningServer implements AutoCloseable {

  /** How long a test waits for what must happen: only a server that hangs takes so long. */
  public static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A deadline that no test lives to see. */
  public static final String FAR_DEADLINE = "10m";

  /** A tiny model with random weights that cuts pictures into tiles. */
  public static final Path MODEL = Path.of("../llm-decoder/src/test/resources/packages/tiled");

  public static final JsonMapper JSON = new JsonMapper();

  /** The key of {@link #strict}. */
  public static final String KEY = "open sesame";

  /** The folder of the examples. */
  public static final Path PICTURES = Path.of("../samples/pictures");

  /** The folder of the clips. */
  public static final Path CLIPS = Path.of("../samples/clips");

  private static final String BOUNDARY = "squint-boundary";

  /** Only a server that hangs takes longer, also on one slow core beside other work. */
  private static final Duration ANSWER = Duration.ofMinutes(5);

  private static final AtomicReference<RunningServer> SHARED = new AtomicReference<>();
  private static final AtomicReference<RunningServer> STRICT = new AtomicReference<>();
  private static final AtomicReference<RunningServer> TRAINED = new AtomicReference<>();
  private static final AtomicReference<RunningServer> ENDLESS = new AtomicReference<>();

  static {
    // Shorter than the servers' own, so that no request meets a connection that is being closed.
    System.setProperty("jdk.httpclient.keepalive.timeout", "1");
  }

  private final ConfigurableApplicationContext context;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  private RunningServer(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /** Starts the application with the small model. */
  public static RunningServer start(String... settings) {
    List<String> arguments = new ArrayList<>(List.of(settings));
    arguments.add("--server.address=127.0.0.1");
    if (arguments.stream().noneMatch(argument -> argument.startsWith("--server.port="))) {
      arguments.add("--server.port=0");
    }
    if (arguments.stream().noneMatch(argument -> argument.startsWith("--model="))) {
      arguments.add("--model=" + MODEL);
    }
    return new RunningServer(
        SpringApplication.run(SquintServer.class, arguments.toArray(String[]::new)));
  }

  /** A server with the default settings, started once for all tests; do not close it. */
  public static synchronized RunningServer shared() {
    RunningServer server = SHARED.get();
    if (server == null) {
      server = start();
      SHARED.set(server);
    }
    return server;
  }

  /**
   * A server with Squint's own model that names pictures in headers, started once for all tests; do
   * not close it.
   */
  public static synchronized RunningServer trained() {
    RunningServer server = TRAINED.get();
    if (server == null) {
      server = start("--model=../samples/tiny-vlm/package", "--squint.picture-header=true");
      TRAINED.set(server);
    }
    return server;
  }

  /**
   * A server whose model never stops, one answer at a time and none waiting, started once for all
   * tests; do not close it. Its deadline is far beyond {@link #PATIENCE}: an answer that ends
   * before was given up because its client went away.
   */
  public static synchronized RunningServer endless() {
    RunningServer server = ENDLESS.get();
    if (server == null) {
      server =
          start(
              "--model=" + modelThatNeverStops(),
              "--squint.limits.tokens=100000",
              "--squint.work.deadline=" + FAR_DEADLINE,
              "--squint.work.answers=1",
              "--squint.work.queue=0");
      ENDLESS.set(server);
    }
    return server;
  }

  /** Waits until nothing is answered any more. */
  public void awaitIdle() throws InterruptedException {
    long start = System.nanoTime();
    while (gauge("squint.answers.running") != 0 || gauge("squint.questions.waiting") != 0) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new AssertionError("answers are still computed that no client waits for");
      }
      Thread.sleep(5);
    }
  }

  /** How many answers have been given up so far. */
  public double cancelled() {
    return bean(MeterRegistry.class).get("squint.answers.cancelled").counter().count();
  }

  private double gauge(String name) {
    return bean(MeterRegistry.class).get(name).gauge().value();
  }

  /** The small model with other stop tokens, so that it does not stop by itself. */
  public static Path modelThatNeverStops() {
    Path copy = Path.of("target", "never-stops");
    try (Stream<Path> files = Files.walk(MODEL)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(MODEL.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      edit(copy.resolve("generation_config.json"), "649", "5000");
      edit(copy.resolve("config.json"), ": 4096", ": 1000000");
      edit(copy.resolve("chat_template.jinja"), "<end_of_utterance>", " ");
      edit(copy.resolve("tokenizer_config.json"), "\"eos_token\"", "\"other_token\"");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }

  private static void edit(Path file, String from, String to) throws IOException {
    Files.writeString(file, Files.readString(file).replace(from, to));
  }

  /**
   * A server with narrow limits, one answer at a time, a key and a model that never stops, started
   * once for all tests.
   */
  public static synchronized RunningServer strict() {
    RunningServer server = STRICT.get();
    if (server == null) {
      server =
          start(
              "--model=" + modelThatNeverStops(),
              "--squint.api-key=" + KEY,
              "--squint.work.answers=1",
              "--squint.work.queue=2",
              "--squint.work.deadline=3s",
              "--squint.work.heartbeat=50ms",
              "--squint.work.body-timeout=1s",
              "--squint.work.bodies=8MB",
              "--squint.limits.request-bytes=2MB",
              "--squint.limits.pixels=1000000",
              "--squint.limits.pictures=3",
              "--squint.limits.messages=4",
              "--squint.limits.characters=500",
              "--squint.limits.tokens=100000");
      STRICT.set(server);
    }
    return server;
  }

  public int port() {
    return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** The bytes of a picture of the examples. */
  public static byte[] picture(String name) {
    return bytes(PICTURES.resolve(name));
  }

  /** The bytes of a sample clip. */
  public static byte[] clip(String name) {
    return bytes(CLIPS.resolve(name));
  }

  /** A sample clip as an address. */
  public static String clipUrl(String name) {
    return "data:video/mp4;base64," + Base64.getEncoder().encodeToString(clip(name));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A picture of the examples as an address. */
  public static String dataUrl(String name) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(picture(name));
  }

  public HttpResponse<String> get(String path, String... headers) {
    return send(request(path, headers).GET());
  }

  public HttpResponse<String> postJson(String path, String body, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  /** Sends a chat request and waits for the whole response. */
  public HttpResponse<String> chat(String body, String... headers) {
    return postJson("/v1/chat/completions", body, headers);
  }

  /** Sends a form with one picture and waits for the whole response. */
  public HttpResponse<String> ask(String picture, String question, String... fields) {
    Form form = new Form().file("files", picture, picture(picture)).field("question", question);
    for (int i = 0; i < fields.length; i += 2) {
      form.field(fields[i], fields[i + 1]);
    }
    return post("/api/ask", form);
  }

  /** A request with a form. */
  public static HttpRequest form(String url, Form form) {
    return HttpRequest.newBuilder(URI.create(url))
        .timeout(ANSWER)
        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
        .POST(form.body())
        .build();
  }

  public HttpResponse<String> post(String path, Form form, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(form.body()));
  }

  public HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path))).timeout(ANSWER);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request;
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public HttpClient client() {
    return client;
  }

  public static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  /** The value of a metric, or 0 if nothing was counted yet. */
  public double metric(String name, String... headers) {
    return get("/actuator/prometheus", headers)
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() {
    context.close();
  }

  /** A form, written as browsers do. */
  public static final class Form {

    private final List<byte[]> pieces = new ArrayList<>();

    public Form field(String name, String value) {
      add("Content-Disposition: form-data; name=\"%s\"\r\n\r\n%s".formatted(name, value));
      return this;
    }

    public Form file(String name, String fileName, byte[] content) {
      add(
          "Content-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n"
              .formatted(name, fileName));
      pieces.add(content);
      return this;
    }

    private void add(String part) {
      String start = pieces.isEmpty() ? "" : "\r\n";
      pieces.add("%s--%s\r\n%s".formatted(start, BOUNDARY, part).getBytes(StandardCharsets.UTF_8));
    }

    BodyPublisher body() {
      List<byte[]> all = new ArrayList<>(pieces);
      all.add(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
      return BodyPublishers.ofByteArrays(all);
    }
  }
}
