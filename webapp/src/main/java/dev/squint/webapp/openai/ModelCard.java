package dev.squint.webapp.openai;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A model in OpenAI's list.
 *
 * @param id name in requests
 * @param object {@code model}
 * @param created seconds since 1970 when it was loaded
 * @param ownedBy {@code squint}
 * @param architecture kinds of input and output
 */
@JsonNaming(SnakeCaseStrategy.class)
record ModelCard(
    String id, String object, long created, String ownedBy, Architecture architecture) {

  /** Kinds of input and output. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Architecture(List<String> inputModalities, List<String> outputModalities) {}

  /** All models. */
  record Listing(String object, List<ModelCard> data) {}

  static ModelCard of(String id, long created) {
    return new ModelCard(
        id,
        "model",
        created,
        "squint",
        new Architecture(List.of("text", "image", "video"), List.of("text")));
  }
}
