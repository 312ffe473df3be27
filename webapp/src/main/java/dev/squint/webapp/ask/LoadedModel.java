package dev.squint.webapp.ask;

import dev.squint.llm.VisionLanguageModel;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The model that is loaded.
 *
 * @param id as requests name it
 * @param family the kind of model, such as {@code idefics3}
 * @param hiddenSize values of a visual token as the decoder takes it
 */
@JsonNaming(SnakeCaseStrategy.class)
record LoadedModel(String id, String family, int hiddenSize) {

  static LoadedModel of(VisionLanguageModel model) {
    return new LoadedModel(
        model.model().name(), model.model().modelType(), model.decoder().hiddenSize());
  }
}
