package dev.squint.webapp.ask;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.webapp.ServerSettings;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A loaded model.
 *
 * @param id as requests name it
 * @param family the kind of model, such as {@code idefics3}
 * @param hiddenSize size D of a visual token in the decoder
 * @param context tokens of prompt and answer together, or null if the model has no bound
 * @param limits limits of a question
 * @param notice what the model is for and what it cannot do, or null if its package has no notice
 * @param noticeUrl a page about the model, or null
 */
@JsonNaming(SnakeCaseStrategy.class)
record LoadedModel(
    String id,
    String family,
    int hiddenSize,
    @Nullable Integer context,
    QuestionBounds limits,
    @Nullable String notice,
    @Nullable String noticeUrl) {

  /**
   * Limits of a question.
   *
   * @param pictures pictures and clips
   * @param frames frames that are used, of all clips
   * @param clipBytes bytes of a clip's file
   * @param clipSeconds length of a clip
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record QuestionBounds(int pictures, int frames, long clipBytes, double clipSeconds) {}

  static LoadedModel of(VisionLanguageModel model, ServerSettings.Limits limits) {
    return new LoadedModel(
        model.model().name(),
        model.model().modelType(),
        model.decoder().hiddenSize(),
        model.contextTokens() == Integer.MAX_VALUE ? null : model.contextTokens(),
        new QuestionBounds(
            limits.pictures(),
            limits.clips().frames(),
            limits.clips().bytes().toBytes(),
            limits.clips().length().toMillis() / 1000.0),
        model.model().notice().orElse(null),
        model.model().noticeUrl().orElse(null));
  }
}
