package dev.squint.webapp.features;

import dev.squint.vision.encoder.FeatureStore;
import dev.squint.webapp.ServerSettings;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a Redis or Valkey server. A lookup is one round trip and waits at most {@code
 * squint.features.timeout}; if that is not enough, the server is not asked again for {@code
 * squint.features.retry}.
 */
public final class RedisFeatures implements FeatureStore {

  private static final Logger LOG = LoggerFactory.getLogger(RedisFeatures.class);
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** Values that wait to be sent; more are not stored. */
  private static final long MOST_UNSENT = 64L << 20;

  /**
   * Commands without a reply, some megabytes; more fail at once. A store that never answers would
   * otherwise gather them, also those that were given up. A question has one for each tile.
   */
  static final int MOST_UNANSWERED = 10_000;

  /** Lettuce would wait longer from attempt to attempt, up to 30 s. */
  private static final Duration RECONNECT = Duration.ofSeconds(1);

  private final ClientResources resources;
  private final RedisClient client;
  private final RedisURI address;
  private final ServerSettings.Features settings;
  private final StoreMeters meters;
  private final Breaker breaker;
  private final AtomicLong unsent = new AtomicLong();
  private @Nullable CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connection;

  /**
   * Starts to connect, and does not wait for it.
   *
   * @throws IllegalArgumentException if the address of the settings is invalid
   */
  public RedisFeatures(ServerSettings.Features settings, StoreMeters meters) {
    this.settings = settings;
    this.meters = meters;
    this.address = address(settings.store());
    this.breaker = new Breaker(settings.retry(), System::nanoTime);
    this.resources =
        DefaultClientResources.builder().reconnectDelay(Delay.constant(RECONNECT)).build();
    this.client = RedisClient.create(resources);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(true)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(MOST_UNANSWERED)
            .socketOptions(SocketOptions.builder().connectTimeout(CONNECT).build())
            .build());
    CompletableFuture<?> unused = connection();
  }

  @SuppressWarnings("UnusedException") // It repeats the address, which may have a password.
  private static RedisURI address(String store) {
    try {
      RedisURI address = RedisURI.create(store);
      address.setTimeout(CONNECT);
      return address;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "squint.features.store takes an address such as redis://:PASSWORD@HOST:6379 or rediss://HOST:6380 (TLS), and cannot be read; percent-encode characters of the password that are no letters or digits");
    }
  }

  /** The connection, or the attempt to connect; a failed attempt is made again. */
  private synchronized CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connection() {
    CompletableFuture<StatefulRedisConnection<byte[], byte[]>> known = connection;
    if (known == null || known.isCompletedExceptionally()) {
      known = client.connectAsync(ByteArrayCodec.INSTANCE, address).toCompletableFuture();
      connection = known;
    }
    return known;
  }

  @Override
  public Map<String, byte[]> find(Collection<String> keys) {
    if (!breaker.allows()) {
      return Map.of();
    }
    long start = System.nanoTime();
    try {
      Map<String, byte[]> found =
          connection()
              .thenCompose(open -> values(open, keys))
              .get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
      breaker.succeeded();
      return found;
    } catch (ExecutionException | TimeoutException e) {
      failed(e);
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    } finally {
      meters.waited(System.nanoTime() - start);
    }
  }

  /**
   * One command for each key, sent together. A range is asked for, because whatever the store holds
   * must not fill the heap.
   */
  private CompletableFuture<Map<String, byte[]>> values(
      StatefulRedisConnection<byte[], byte[]> open, Collection<String> keys) {
    Map<String, CompletableFuture<byte[]>> asked = new LinkedHashMap<>();
    for (String key : keys) {
      asked.put(
          key,
          open.async()
              .getrange(bytes(key), 0, settings.valueBytes().toBytes())
              .toCompletableFuture()
              .exceptionally(RedisFeatures::noneIfOfAnotherType));
    }
    return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
        .thenApply(
            all -> {
              Map<String, byte[]> found = new HashMap<>();
              asked.forEach(
                  (key, value) -> {
                    byte[] bytes = value.join();
                    if (bytes.length > 0) {
                      found.put(key, bytes);
                    }
                  });
              return found;
            });
  }

  /** A list or hash under our name is damage of one value, and not a failure of the store. */
  private static byte[] noneIfOfAnotherType(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof RedisCommandExecutionException
        && String.valueOf(cause.getMessage()).startsWith("WRONGTYPE")) {
      return new byte[] {0};
    }
    throw error instanceof CompletionException known ? known : new CompletionException(error);
  }

  private void failed(Throwable error) {
    meters.failed();
    boolean known = breaker.isPaused();
    breaker.failed();
    if (!known) {
      LOG.warn(
          "the store of features {} ({}); pictures are encoded here, and it is tried again after {} s",
          error instanceof TimeoutException
              ? "did not answer within " + settings.timeout().toMillis() + " ms"
              : "failed",
          reason(error),
          settings.retry().toSeconds());
    }
  }

  private static String reason(Throwable error) {
    Throwable innermost = error;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return innermost.getClass().getSimpleName();
  }

  @Override
  public void keep(Map<String, byte[]> values) {
    if (breaker.isPaused()) {
      return;
    }
    values.forEach(this::keep);
  }

  private void keep(String key, byte[] value) {
    if (value.length > settings.valueBytes().toBytes()) {
      return;
    }
    if (unsent.addAndGet(value.length) > MOST_UNSENT) {
      unsent.addAndGet(-value.length);
      return;
    }
    SetArgs expiring = SetArgs.Builder.px(settings.ttl().toMillis());
    // Without a timeout: a value that a stuck connection holds takes its memory until it ends.
    CompletableFuture<?> unused =
        connection()
            .thenCompose(
                open -> open.async().set(bytes(key), value, expiring).toCompletableFuture())
            .whenComplete(
                (done, error) -> {
                  unsent.addAndGet(-value.length);
                  if (error != null) {
                    meters.failed();
                  }
                });
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void looked(int hits, int misses, int damaged) {
    meters.looked(hits, misses, damaged);
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, CONNECT);
    resources
        .shutdown(0, CONNECT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CONNECT.toMillis());
  }
}
