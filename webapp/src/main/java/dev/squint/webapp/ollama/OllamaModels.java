package dev.squint.webapp.ollama;

import dev.squint.webapp.answering.ServedModel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** Models in Ollama's form. */
final class OllamaModels {

  private OllamaModels() {}

  /** All models. */
  record Tags(List<Tag> models) {}

  /** A model in the list. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Tag(
      String name, String model, String modifiedAt, long size, String digest, Details details) {

    static Tag of(String id, @Nullable ServedModel served) {
      long created = served == null ? 0 : served.created();
      return new Tag(id, id, Instant.ofEpochSecond(created).toString(), 0, "", Details.of(served));
    }
  }

  /** The family of a model; empty while it is not loaded. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Details(
      String format,
      String family,
      List<String> families,
      String parameterSize,
      String quantizationLevel) {

    static Details of(@Nullable ServedModel served) {
      String family = served == null ? "" : served.model().model().modelType();
      return new Details("onnx", family, List.of(family), "", "");
    }
  }

  /** A description of one model. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Description(
      String modelfile,
      String parameters,
      String template,
      Details details,
      Map<String, Object> modelInfo,
      List<String> capabilities) {

    static Description of(ServedModel served) {
      String family = served.model().model().modelType();
      return new Description(
          "",
          "",
          served.model().model().chatTemplate(),
          Details.of(served),
          Map.of(
              "general.architecture",
              family,
              family + ".context_length",
              served.model().contextTokens()),
          List.of("completion", "vision"));
    }
  }

  /** The body of {@code POST /api/show}. */
  record ShowRequest(@Nullable String model, @Nullable String name) {}
}
