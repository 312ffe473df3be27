package dev.squint.llm.hub;

import dev.squint.vision.onnx.graph.GraphCache;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The hub of packages, the folder of downloads, and the limits of requests.
 *
 * @param hub the hub's address
 * @param token sent to the hub alone, with every request
 * @param folder where packages are kept
 * @param attempts number of attempts of a request
 * @param firstWait wait before the second attempt; it doubles each time, unless the hub requests
 *     another
 * @param longestWait longest wait that a hub may request; a longer one is an error
 * @param stall longest time without data on a connection
 */
public record HubSettings(
    URI hub,
    Optional<String> token,
    Path folder,
    int attempts,
    Duration firstWait,
    Duration longestWait,
    Duration stall) {

  /** The default hub. */
  public static final String DEFAULT_HUB = "https://huggingface.co";

  /**
   * Checks the address.
   *
   * @throws IllegalArgumentException unless it is an address by HTTPS or HTTP
   */
  public HubSettings {
    String scheme = String.valueOf(hub.getScheme());
    if (!(scheme.equals("https") || scheme.equals("http")) || hub.getHost() == null) {
      throw new IllegalArgumentException(
          "a hub's address is like %s but was '%s'".formatted(DEFAULT_HUB, hub));
    }
  }

  /**
   * The settings of the user: the hub that {@code SQUINT_HUB} or {@code HF_ENDPOINT} names, the
   * token of {@code HF_TOKEN}, the folder {@code hub} of the user's cache.
   */
  public static HubSettings ofUser() {
    Map<String, String> variables = System.getenv();
    String hub =
        variables.getOrDefault("SQUINT_HUB", variables.getOrDefault("HF_ENDPOINT", DEFAULT_HUB));
    return new HubSettings(
        address(hub),
        Optional.ofNullable(variables.get("HF_TOKEN")).filter(token -> !token.isBlank()),
        GraphCache.ofUser().folder().resolve("hub"),
        5,
        Duration.ofSeconds(1),
        Duration.ofMinutes(2),
        Duration.ofMinutes(1));
  }

  /**
   * The same with another hub.
   *
   * @throws IllegalArgumentException unless it is an address by HTTPS or HTTP
   */
  public HubSettings withHub(String address) {
    return new HubSettings(
        address(address), token, folder, attempts, firstWait, longestWait, stall);
  }

  private static URI address(String text) {
    return URI.create(text.strip().replaceAll("/+$", ""));
  }
}
