package dev.squint.webapp;

import dev.squint.llm.AskOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The server's settings, under {@code squint} in its configuration. Settings of the model are in
 * {@link dev.squint.spring.SquintProperties}, under {@code squint} too.
 *
 * @param apiKey required on every route except health; empty for none
 * @param keys further keys by the names of their clients
 * @param open whether a server without a key may listen on other addresses than loopback
 * @param hosts names beside {@code localhost} under which a server without a key answers
 * @param accessLog whether to log each request
 * @param calibrations files of {@code squint calibrate}, whose plans are offered for their models
 * @param cors pages that may call the server
 * @param work concurrency, queue and timeouts
 * @param limits limits of a request
 * @param remote pictures and clips that the server fetches itself
 * @param tracing where traces of questions are sent
 * @param features where replicas share encoded pictures
 * @param pictureHeader whether responses have the hash of the request's pictures, for sticky
 *     routing
 * @param role whether this replica encodes pictures, answers questions, or both
 * @param encode how answer replicas ask encode replicas
 */
@ConfigurationProperties("squint")
public record ServerSettings(
    @DefaultValue("") String apiKey,
    @DefaultValue Map<String, String> keys,
    @DefaultValue("false") boolean open,
    @DefaultValue List<String> hosts,
    @DefaultValue("false") boolean accessLog,
    @DefaultValue List<String> calibrations,
    @DefaultValue Cors cors,
    @DefaultValue Serving work,
    @DefaultValue Limits limits,
    @DefaultValue Remote remote,
    @DefaultValue Tracing tracing,
    @DefaultValue Features features,
    @DefaultValue("false") boolean pictureHeader,
    @DefaultValue("all") Role role,
    @DefaultValue Encode encode) {

  /**
   * Checks that the role has what it needs.
   *
   * @throws IllegalArgumentException if not
   */
  public ServerSettings {
    if (encode.replicas().isEmpty() == (role == Role.ANSWER)) {
      throw new IllegalArgumentException(
          "squint.encode.replicas lists the encode replicas that a replica with squint.role=answer asks, such as http://10.0.0.7:8080; others have none");
    }
  }

  /** Which steps of an answer a replica computes. */
  public enum Role {
    /** Encodes pictures and answers questions. */
    ALL,
    /** Encodes tiles for answer replicas; has no decoder. */
    ENCODE,
    /** Answers questions; has no encoder and asks encode replicas. */
    ANSWER
  }

  /** All keys by the names of their clients; {@code default} is that of {@code squint.api-key}. */
  public Map<String, String> allKeys() {
    Map<String, String> all = new LinkedHashMap<>();
    if (!apiKey.isEmpty()) {
      all.put("default", apiKey);
    }
    keys.forEach(
        (name, key) -> {
          if (key.isBlank()) {
            throw new IllegalArgumentException(
                "squint.keys.%s is empty; give it a key or remove it".formatted(name));
          }
          all.put(name, key);
        });
    return all;
  }

  /**
   * Pages that may call the server.
   *
   * @param origins origins such as {@code https://app.example.org}, or {@code *} for all
   */
  public record Cors(@DefaultValue List<String> origins) {

    private static final Pattern ORIGIN = Pattern.compile("https?://[^/]+");

    /**
     * Checks the origins.
     *
     * @throws IllegalArgumentException if one of them is not an origin
     */
    public Cors {
      for (String origin : origins) {
        if (!origin.equals("*") && !ORIGIN.matcher(origin).matches()) {
          throw new IllegalArgumentException(
              "squint.cors.origins takes origins such as https://app.example.org, or *, not '%s'"
                  .formatted(origin));
        }
      }
    }
  }

  /**
   * Concurrency, queue and timeouts.
   *
   * @param answers answers that are generated at the same time
   * @param decodings questions whose files are decoded at the same time
   * @param perClient questions of one client in progress and waiting; 0 for no limit of its own
   * @param modelMemory bytes of the weights of all loaded models; 0 for half of the machine's
   *     memory
   * @param clipCache bytes of cached frames of clips
   * @param queue questions that may wait; one more is refused with status 429
   * @param deadline from the start of a request to the end of its answer, waiting included
   * @param heartbeat interval of comments in a stream without events
   * @param bodyTimeout longest time to receive a request
   * @param bodies bytes of all request bodies in memory; a request beyond it is refused with 429
   * @param draftTokens tokens of an answer that are guessed and run together, at most; 0 for none.
   *     Answers with drafts do not decode together with others
   */
  public record Serving(
      @DefaultValue("2") int answers,
      @DefaultValue("2") int decodings,
      @DefaultValue("0") int perClient,
      @DefaultValue("0B") DataSize modelMemory,
      @DefaultValue("128MB") DataSize clipCache,
      @DefaultValue("16") int queue,
      @DefaultValue("60s") Duration deadline,
      @DefaultValue("5s") Duration heartbeat,
      @DefaultValue("20s") Duration bodyTimeout,
      @DefaultValue("128MB") DataSize bodies,
      @DefaultValue("0") int draftTokens) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one of them is out of range
     */
    public Serving {
      if (answers < 1 || decodings < 1 || queue < 0 || perClient < 0) {
        throw new IllegalArgumentException(
            "squint.work needs answers and decodings of at least 1, and a queue and per-client of at least 0, but has %d, %d, %d and %d"
                .formatted(answers, decodings, queue, perClient));
      }
      if (draftTokens < 0 || draftTokens > AskOptions.MOST_DRAFT_TOKENS) {
        throw new IllegalArgumentException(
            "squint.work.draft-tokens must be in 0..%d but is %d"
                .formatted(AskOptions.MOST_DRAFT_TOKENS, draftTokens));
      }
      if (deadline.isNegative() || deadline.isZero() || heartbeat.toMillis() < 1) {
        throw new IllegalArgumentException(
            "squint.work needs a deadline and a heartbeat above 0 but has %s and %s"
                .formatted(deadline, heartbeat));
      }
    }
  }

  /**
   * Limits of a request, checked before anything is decoded.
   *
   * @param requestBytes bytes of the body
   * @param pixels pixels of all pictures, by their headers, and of all frames of clips
   * @param pictures number of pictures and clips
   * @param tiles number of tiles of all pictures
   * @param messages number of messages
   * @param characters characters of all texts
   * @param tokens tokens of an answer
   * @param clips limits of videos and animations
   */
  public record Limits(
      @DefaultValue("24MB") DataSize requestBytes,
      @DefaultValue("40000000") long pixels,
      @DefaultValue("8") int pictures,
      @DefaultValue("64") int tiles,
      @DefaultValue("64") int messages,
      @DefaultValue("16000") int characters,
      @DefaultValue("512") int tokens,
      @DefaultValue Clips clips) {}

  /**
   * Limits of clips. All but {@code frames} are checked for each clip by its header.
   *
   * @param bytes bytes of the file
   * @param length duration
   * @param pixels pixels of a frame
   * @param fileFrames frames in the file
   * @param frames frames that are used, of all clips of a request
   */
  public record Clips(
      @DefaultValue("16MB") DataSize bytes,
      @DefaultValue("10m") Duration length,
      @DefaultValue("8847360") long pixels,
      @DefaultValue("36000") int fileFrames,
      @DefaultValue("64") int frames) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if no clip is within them
     */
    public Clips {
      if (length.isNegative() || length.isZero() || pixels < 1 || fileFrames < 1 || frames < 1) {
        throw new IllegalArgumentException(
            "squint.limits.clips needs a length, pixels, file-frames and frames above 0 but has %s, %d, %d and %d"
                .formatted(length, pixels, fileFrames, frames));
      }
    }
  }

  /**
   * Where traces of questions are sent.
   *
   * @param endpoint address of a collector of OpenTelemetry (OTLP over HTTP), such as {@code
   *     http://localhost:4318/v1/traces}; empty for none
   */
  public record Tracing(@DefaultValue("") String endpoint) {

    /**
     * Checks the address.
     *
     * @throws IllegalArgumentException if it is not one of HTTP
     */
    public Tracing {
      if (!endpoint.isEmpty() && !endpoint.matches("https?://[^\\s/]+/?\\S*")) {
        throw new IllegalArgumentException(
            "squint.tracing.endpoint takes an address such as http://localhost:4318/v1/traces, not '%s'"
                .formatted(endpoint));
      }
    }
  }

  /**
   * How answer replicas ask encode replicas.
   *
   * @param replicas addresses of the encode replicas
   * @param deadline longest time to encode tiles of a question
   * @param queue requests that an answer replica has open, or that wait in an encode replica
   * @param batchTiles tiles of several requests that an encode replica encodes together
   */
  public record Encode(
      @DefaultValue List<String> replicas,
      @DefaultValue("30s") Duration deadline,
      @DefaultValue("64") int queue,
      @DefaultValue("16") int batchTiles) {

    private static final Pattern ADDRESS = Pattern.compile("https?://[^/\\s]+");

    /**
     * Checks addresses and numbers.
     *
     * @throws IllegalArgumentException if one of them is invalid
     */
    public Encode {
      replicas = List.copyOf(replicas);
      for (String replica : replicas) {
        if (!ADDRESS.matcher(replica).matches()) {
          throw new IllegalArgumentException(
              "squint.encode.replicas takes addresses such as http://10.0.0.7:8080, not '%s'"
                  .formatted(replica));
        }
      }
      if (deadline.toMillis() < 1 || queue < 1 || batchTiles < 1) {
        throw new IllegalArgumentException(
            "squint.encode needs a deadline, queue and batch-tiles above 0 but has %s, %d and %d"
                .formatted(deadline, queue, batchTiles));
      }
    }
  }

  /**
   * Where replicas share encoded pictures.
   *
   * @param store address of a Redis or Valkey server, such as {@code redis://localhost:6379}; empty
   *     for none
   * @param timeout longest time that a question waits for it
   * @param retry how long it is not asked again after it did not answer in time
   * @param ttl how long an encoded tile is kept
   * @param valueBytes bytes of an encoded tile; larger ones are not shared
   */
  public record Features(
      @DefaultValue("") String store,
      @DefaultValue("50ms") Duration timeout,
      @DefaultValue("5s") Duration retry,
      @DefaultValue("24h") Duration ttl,
      @DefaultValue("16MB") DataSize valueBytes) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one of them is not above 0
     */
    public Features {
      if (timeout.toNanos() < 1
          || retry.toMillis() < 1
          || ttl.toMillis() < 1
          || valueBytes.toBytes() < 1) {
        throw new IllegalArgumentException(
            "squint.features needs a timeout, retry, ttl and value-bytes above 0 but has %s, %s, %s and %s"
                .formatted(timeout, retry, ttl, valueBytes));
      }
    }
  }

  /**
   * Pictures and clips that the server fetches itself; none by default.
   *
   * @param hosts names of the hosts from which it fetches over HTTPS
   * @param bytes bytes of one picture; for clips the limits apply
   * @param timeout longest time to fetch a picture
   * @param clipTimeout longest time to fetch a clip
   */
  public record Remote(
      @DefaultValue List<String> hosts,
      @DefaultValue("8MB") DataSize bytes,
      @DefaultValue("5s") Duration timeout,
      @DefaultValue("30s") Duration clipTimeout) {

    private static final Pattern NAME = Pattern.compile("([a-z0-9-]+\\.)*[a-z][a-z0-9-]*");

    /**
     * Checks the names.
     *
     * @throws IllegalArgumentException if one of them is not a host name
     */
    public Remote {
      hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
      for (String host : hosts) {
        if (!NAME.matcher(host).matches()) {
          throw new IllegalArgumentException(
              "squint.remote.hosts holds names such as images.example.org, not '%s'"
                  .formatted(host));
        }
      }
    }
  }
}
