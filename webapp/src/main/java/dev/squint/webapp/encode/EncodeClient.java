package dev.squint.webapp.encode;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncodeTransport;
import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.io.ContentHash;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.features.Breaker;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks encode replicas over HTTP/2. At most {@code squint.encode.queue} requests to encode are
 * open; a request that is slower than 95 % of the recent ones is sent to a second replica too. A
 * request whose question is cancelled ends. Thread-safe.
 */
public final class EncodeClient implements EncodeTransport, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EncodeClient.class);
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration FIRST_HEDGE = Duration.ofSeconds(1);
  private static final Duration SHORTEST_HEDGE = Duration.ofMillis(20);

  /** Deadline of what takes no time. */
  private static final Duration QUICK = Duration.ofSeconds(2);

  /** Bytes of the answer to a check, and of a description with its rows of line breaks. */
  private static final long MOST_OF_CHECKS = 4L << 20;

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).connectTimeout(CONNECT).build();
  private final EncodePeers peers;
  private final ServerSettings settings;
  private final JsonMapper json;
  private final MeterRegistry registry;
  private final EncodeSlots slots;
  private final Breaker checks = new Breaker(PAUSE, System::nanoTime);
  private final Set<String> upgrading = ConcurrentHashMap.newKeySet();
  private final RecentTimes times = new RecentTimes();
  private final HedgeBudget hedges = new HedgeBudget();
  private volatile boolean closed;

  /** Connects at the first request. */
  public EncodeClient(ServerSettings settings, JsonMapper json, MeterRegistry registry) {
    this.settings = settings;
    this.json = json;
    this.registry = registry;
    this.peers = new EncodePeers(settings.encode().replicas(), PAUSE);
    this.slots = new EncodeSlots(settings.encode().queue(), () -> count("refused"));
  }

  @Override
  public Description describe(String fingerprint) {
    boolean said = false;
    while (true) {
      try {
        return json.readValue(
            call("", QUICK, MOST_OF_CHECKS, get("", fingerprint)), Description.class);
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
    // In the body, since a plan may be longer than an address.
    return checked(
        address ->
            request(address + "/api/encoder/refusal?fingerprint=" + fingerprint)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(BodyPublishers.ofString(plan.toString())));
  }

  @Override
  public boolean gives(String fingerprint, Evidence<?> evidence) {
    String name = URLEncoder.encode(evidence.toString(), StandardCharsets.UTF_8);
    return checked(get("/gives?evidence=" + name, fingerprint)).equals("true");
  }

  /** After a failure no replica is asked for a while, so that questions do not wait one by one. */
  private String checked(Function<String, HttpRequest.Builder> request) {
    if (!checks.allows()) {
      throw new EncoderUnavailableException(
          "no encode replica answered a moment ago; try again later, and see that the replicas of squint.encode.replicas run");
    }
    try {
      byte[] answer = call("", QUICK, MOST_OF_CHECKS, request);
      checks.succeeded();
      return new String(answer, StandardCharsets.UTF_8);
    } catch (EncoderUnavailableException e) {
      checks.failed();
      throw e;
    }
  }

  private Function<String, HttpRequest.Builder> get(String path, String fingerprint) {
    String query = (path.contains("?") ? "&" : "?") + "fingerprint=" + fingerprint;
    return address -> request(address + "/api/encoder" + path + query).GET();
  }

  @Override
  public <T> List<T> run(List<Supplier<T>> requests) {
    return slots.run(requests);
  }

  @Override
  public byte[] encode(byte[] request, long mostBytes) {
    return call(
        ContentHash.of(request),
        settings.encode().deadline(),
        mostBytes,
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
      String key,
      Duration deadline,
      long mostBytes,
      Function<String, HttpRequest.Builder> request) {
    long start = System.nanoTime();
    hedges.asked();
    try {
      HedgedCall call =
          new HedgedCall(
              peers.order(key),
              peer -> send(peer.address(), request.apply(peer.address()), mostBytes),
              hedges::take);
      byte[] answer = call.answer(slow(), deadline);
      times.add(System.nanoTime() - start);
      count(call.hedged() ? "hedged" : "answered");
      return answer;
    } catch (EncoderUnavailableException e) {
      count("failed");
      throw e;
    } catch (CancellationException e) {
      count("cancelled");
      throw e;
    }
  }

  private CompletableFuture<HttpResponse<byte[]>> send(
      String address, HttpRequest.Builder request, long mostBytes) {
    // Not a later stage of it, since only this one ends the exchange when it is cancelled.
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request.build(), BoundedBody.handler(mostBytes));
    CompletableFuture<?> unused =
        sent.thenAccept(
            response -> {
              if (response.version() == HttpClient.Version.HTTP_1_1) {
                upgrade(address);
              }
            });
    return sent;
  }

  /** Opens a connection over HTTP/2 for later requests: one with a body does not upgrade. */
  private void upgrade(String address) {
    if (upgrading.add(address)) {
      CompletableFuture<?> unused =
          client
              .sendAsync(request(address + "/health").GET().build(), BodyHandlers.discarding())
              .whenComplete((response, error) -> upgrading.remove(address));
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
    slots.close();
  }
}
