package dev.squint.webapp.encode;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncodeTransport;
import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.io.ContentHash;
import dev.squint.webapp.ServerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks encode replicas over HTTP/2. At most {@code squint.encode.queue} requests are open; a
 * request that is slower than 95 % of the recent ones is sent to a second replica too. Thread-safe.
 */
public final class EncodeClient implements EncodeTransport, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EncodeClient.class);
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration FIRST_HEDGE = Duration.ofSeconds(1);
  private static final Duration SHORTEST_HEDGE = Duration.ofMillis(20);

  /** Deadline of what takes no time, because a question's thread of HTTP waits for it. */
  private static final Duration QUICK = Duration.ofSeconds(2);

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).connectTimeout(CONNECT).build();
  private final EncodePeers peers;
  private final ServerSettings settings;
  private final JsonMapper json;
  private final MeterRegistry registry;
  private final Semaphore open;
  private final RecentTimes times = new RecentTimes();
  private final HedgeBudget hedges = new HedgeBudget();
  private volatile boolean closed;

  /** Connects at the first request. */
  public EncodeClient(ServerSettings settings, JsonMapper json, MeterRegistry registry) {
    this.settings = settings;
    this.json = json;
    this.registry = registry;
    this.peers = new EncodePeers(settings.encode().replicas(), PAUSE);
    this.open = new Semaphore(settings.encode().queue());
  }

  @Override
  public Description describe(String fingerprint) {
    boolean said = false;
    while (true) {
      try {
        return json.readValue(get("", fingerprint), Description.class);
      } catch (EncoderUnavailableException e) {
        if (closed || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        if (!said) {
          LOG.warn("the model waits for its encoder: {}", e.getMessage());
          said = true;
        }
      }
      try {
        Thread.sleep(BETWEEN_TRIES.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EncoderUnavailableException("the wait for an encode replica was interrupted");
      }
    }
  }

  @Override
  public String refusal(String fingerprint, PruningPlan plan) {
    return new String(get("/refusal?plan=" + escaped(plan), fingerprint), StandardCharsets.UTF_8);
  }

  @Override
  public boolean gives(String fingerprint, Evidence<?> evidence) {
    byte[] answer = get("/gives?evidence=" + escaped(evidence), fingerprint);
    return new String(answer, StandardCharsets.UTF_8).equals("true");
  }

  private static String escaped(Object value) {
    return URLEncoder.encode(value.toString(), StandardCharsets.UTF_8);
  }

  private byte[] get(String path, String fingerprint) {
    String query = (path.contains("?") ? "&" : "?") + "fingerprint=" + fingerprint;
    return call(path, QUICK, address -> request(address + "/api/encoder" + path + query).GET());
  }

  @Override
  public byte[] encode(byte[] request) {
    return call(
        ContentHash.of(request),
        settings.encode().deadline(),
        address ->
            request(address + "/api/encode")
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(request)));
  }

  private HttpRequest.Builder request(String address) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address)).timeout(settings.encode().deadline());
    String key = settings.apiKey();
    return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
  }

  private byte[] call(
      String key, Duration deadline, Function<String, HttpRequest.Builder> request) {
    if (!open.tryAcquire()) {
      count("refused");
      throw new EncoderUnavailableException(
          "%d requests wait for encode replicas; try again later, or start more of them"
              .formatted(settings.encode().queue()));
    }
    long start = System.nanoTime();
    hedges.asked();
    try {
      HedgedCall call =
          new HedgedCall(
              peers.order(key),
              peer ->
                  client.sendAsync(
                      request.apply(peer.address()).build(), BodyHandlers.ofByteArray()),
              hedges::take);
      byte[] answer = call.answer(slow(), deadline);
      times.add(System.nanoTime() - start);
      count(call.hedged() ? "hedged" : "answered");
      return answer;
    } catch (EncoderUnavailableException e) {
      count("failed");
      throw e;
    } finally {
      open.release();
    }
  }

  private Duration slow() {
    Duration most = times.most(FIRST_HEDGE);
    return most.compareTo(SHORTEST_HEDGE) < 0 ? SHORTEST_HEDGE : most;
  }

  private void count(String result) {
    registry.counter("squint.encode.calls", "result", result).increment();
  }

  /** Ends the wait for an encoder. */
  @Override
  public void close() {
    closed = true;
  }
}
