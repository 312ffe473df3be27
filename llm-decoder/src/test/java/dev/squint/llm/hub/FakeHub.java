package dev.squint.llm.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A hub on this machine that speaks the paths of the Hugging Face Hub, with a second server to
 * which it sends for large files, and with faults to order.
 */
final class FakeHub implements AutoCloseable {

  static final RepositoryName NAME = RepositoryName.parse("owner/name");
  static final String DATA = "onnx/decoder_model_merged.onnx_data";
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** What goes wrong with a file, a number of times. */
  interface Fault {
    /** Answers in the place of the hub; false if it lets the hub answer. */
    boolean answer(HttpExchange exchange, byte[] content) throws IOException;
  }

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final Map<String, String> listedHashes = new LinkedHashMap<>();
  private final Map<String, Long> listedSizes = new ConcurrentHashMap<>();
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final HttpServer hub;
  private final HttpServer store;

  final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  final List<String> tokensAtStore = Collections.synchronizedList(new ArrayList<>());
  volatile String token = "";

  FakeHub() throws IOException {
    hub = server(this::atHub);
    store = server(this::atStore);
    text("config.json", "{\"model_type\": \"idefics3\"}");
    text("preprocessor_config.json", "{}");
    text("tokenizer.json", "{\"model\": {}}");
    text("chat_template.jinja", "{{ messages }}");
    text("README.md", "not needed");
    for (String stem : List.of("vision_encoder", "embed_tokens", "decoder_model_merged")) {
      large("onnx/" + stem + ".onnx", 3000);
      large("onnx/" + stem + "_q4.onnx", 1000);
    }
    large("onnx/decoder_model_merged.onnx_data", 200_000);
  }

  private static HttpServer server(com.sun.net.httpserver.HttpHandler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task);
              thread.setDaemon(true);
              return thread;
            }));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            handler.handle(exchange);
          }
        });
    server.start();
    return server;
  }

  String address() {
    return "http://localhost:" + hub.getAddress().getPort();
  }

  void text(String path, String content) {
    files.put(path, content.getBytes(StandardCharsets.UTF_8));
  }

  void large(String path, int size) {
    byte[] content = new byte[size];
    new java.util.Random(path.hashCode()).nextBytes(content);
    files.put(path, content);
  }

  void list(String path, String hash) {
    listedHashes.put(path, hash);
  }

  /** Lists a file with another size than it has. */
  void announce(String path, long size) {
    listedSizes.put(path, size);
  }

  byte[] content(String path) {
    return files.getOrDefault(path, new byte[0]);
  }

  /** Makes the next requests for the listing ("") or a file fail, this number of times. */
  void fault(String path, int times, Fault fault) {
    AtomicInteger left = new AtomicInteger(times);
    faults.put(
        path, (exchange, content) -> left.getAndDecrement() > 0 && fault.answer(exchange, content));
  }

  /** Answers with a status and nothing else. */
  static Fault status(int status, String... headers) {
    return (exchange, content) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
      return true;
    };
  }

  /** Announces all and breaks off in the middle. */
  static Fault broken(int after) {
    return (exchange, content) -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, after);
      exchange.getResponseBody().flush();
      exchange.close();
      return true;
    };
  }

  private void atHub(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    requests.add(path + (range == null ? "" : " " + range));
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    if (!token.isEmpty() && !("Bearer " + token).equals(given)) {
      status(401).answer(exchange, new byte[0]);
      return;
    }
    if (path.startsWith("/api/models/owner/name/revision/")) {
      byte[] listing = listing().getBytes(StandardCharsets.UTF_8);
      if (!faulty("", exchange, listing)) {
        send(exchange, listing, range);
      }
      return;
    }
    String prefix = "/owner/name/resolve/" + COMMIT + "/";
    byte[] content = path.startsWith(prefix) ? files.get(path.substring(prefix.length())) : null;
    if (content == null) {
      status(404).answer(exchange, new byte[0]);
    } else if (path.contains("/onnx/")) {
      exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + sha256(content) + "\"");
      exchange.getResponseHeaders().add("X-Linked-Size", "" + content.length);
      status(302, "Location", "http://127.0.0.1:%d%s".formatted(store.getAddress().getPort(), path))
          .answer(exchange, content);
    } else if (!faulty(path.substring(prefix.length()), exchange, content)) {
      send(exchange, content, range);
    }
  }

  private void atStore(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String file = path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1);
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    if (given != null) {
      tokensAtStore.add(given);
    }
    if (!faulty(file, exchange, content(file))) {
      send(exchange, content(file), exchange.getRequestHeaders().getFirst("Range"));
    }
  }

  private boolean faulty(String path, HttpExchange exchange, byte[] content) throws IOException {
    Fault fault = faults.get(path);
    return fault != null && fault.answer(exchange, content);
  }

  static void send(
      HttpExchange exchange, byte[] content, @org.jspecify.annotations.Nullable String range)
      throws IOException {
    if (range == null) {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
    if (from >= content.length) {
      status(416).answer(exchange, content);
      return;
    }
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    exchange.sendResponseHeaders(206, content.length - from);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  private String listing() {
    List<String> siblings = new ArrayList<>();
    files.forEach(
        (path, content) -> {
          String hash = listedHashes.get(path);
          siblings.add(
              path.startsWith("onnx/")
                  ? "{\"rfilename\": \"%s\", \"lfs\": {\"sha256\": \"%s\", \"size\": %d}}"
                      .formatted(
                          path,
                          hash == null ? sha256(content) : hash,
                          listedSizes.getOrDefault(path, (long) content.length))
                  : "{\"rfilename\": \"%s\", \"size\": %d, \"blobId\": \"%s\"}"
                      .formatted(path, content.length, hash == null ? gitSha1(content) : hash));
        });
    return "{\"sha\": \"%s\", \"siblings\": [%s]}".formatted(COMMIT, String.join(",", siblings));
  }

  static String sha256(byte[] content) {
    return hash("SHA-256", new byte[0], content);
  }

  private static String gitSha1(byte[] content) {
    byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    return hash("SHA-1", header, content);
  }

  private static String hash(String algorithm, byte[] first, byte[] then) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(first);
      return HexFormat.of().formatHex(digest.digest(then));
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    store.stop(0);
  }
}
