package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The length from which a decoder rotates all tokens by other frequencies (long-rope, arXiv
 * 2402.13753; dynamic NTK). Keys that were computed below it are wrong beyond it, and the other way
 * round.
 */
public final class RopeSwitch {

  private static final Set<String> KINDS = Set.of("longrope", "su", "dynamic");
  private static final String ORIGINAL = "original_max_position_embeddings";

  private RopeSwitch() {}

  /** The most tokens with the frequencies of short sequences; empty if there is one kind alone. */
  public static OptionalInt of(JsonNode config) {
    for (String part : List.of("text_config", "language_config")) {
      if (config.has(part)) {
        return of(config.path(part));
      }
    }
    for (String name : List.of("rope_scaling", "rope_parameters")) {
      JsonNode scaling = config.path(name);
      String kind = scaling.path("rope_type").asText(scaling.path("type").asText());
      if (KINDS.contains(kind)) {
        int most = config.path("max_position_embeddings").asInt(Integer.MAX_VALUE);
        return OptionalInt.of(scaling.path(ORIGINAL).asInt(config.path(ORIGINAL).asInt(most)));
      }
    }
    return OptionalInt.empty();
  }
}
