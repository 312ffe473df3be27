package dev.squint.webapp.openai;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A model as OpenAI's interface lists it.
 *
 * @param id as requests name it
 * @param object {@code model}
 * @param created seconds since 1970 when it was loaded
 * @param ownedBy {@code squint}
 * @param architecture what it takes and gives
 */
@JsonNaming(SnakeCaseStrategy.class)
record ModelCard(
    String id, String object, long created, String ownedBy, Architecture architecture) {

  /** What a model takes and gives. */
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
