package dev.squint.llm.hub;

import dev.squint.vision.onnx.graph.GraphCache;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where packages come from and go to.
 *
 * @param hub the hub's address
 * @param token sent to the hub, and to nobody else, with every request
 * @param folder where packages are kept
 * @param attempts how often a request is tried
 * @param firstWait before the second attempt; it doubles from then on, unless the hub asks for
 *     another
 * @param longestWait a hub that asks for more is not waited for
 * @param stall how long a connection may give nothing
 */
public record HubSettings(
    URI hub,
    Optional<String> token,
    Path folder,
    int attempts,
    Duration firstWait,
    Duration longestWait,
    Duration stall) {

  /** The hub that is asked when nothing else is said. */
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
   * The user's: the hub that {@code SQUINT_HUB} or {@code HF_ENDPOINT} names, the token of {@code
   * HF_TOKEN}, the folder {@code hub} of the user's cache.
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
