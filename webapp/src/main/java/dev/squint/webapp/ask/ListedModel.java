package dev.squint.webapp.ask;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ServedModel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A model in the list of models. Facts of the package are absent while the model is not loaded.
 *
 * @param id name in requests
 * @param loaded whether the model is loaded; others are loaded at first use
 * @param family the kind of model, such as {@code idefics3}
 * @param hiddenSize size D of a visual token in the decoder
 * @param devices where each graph runs, such as {@code vision=cuda,embed=cpu,decoder=cuda}; absent
 *     while not loaded
 * @param context tokens of prompt and answer together, or null if the model has no bound
 * @param limits limits of a question
 * @param presets plans that are offered by name, {@code exact} first; absent while not loaded
 * @param notice what the model is for and what it cannot do, or null if its package has no notice
 * @param noticeUrl a page about the model, or null
 */
@JsonNaming(SnakeCaseStrategy.class)
record ListedModel(
    String id,
    boolean loaded,
    @Nullable String family,
    @Nullable Integer hiddenSize,
    @Nullable String devices,
    @Nullable Integer context,
    QuestionBounds limits,
    @Nullable List<Preset> presets,
    @Nullable String notice,
    @Nullable String noticeUrl) {

  /**
   * Limits of a question.
   *
   * @param pictures pictures and clips
   * @param frames frames that are used, of all clips
   * @param tokens tokens of an answer
   * @param clipBytes bytes of a clip's file
   * @param clipSeconds length of a clip
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record QuestionBounds(int pictures, int frames, int tokens, long clipBytes, double clipSeconds) {

    static QuestionBounds of(ServerSettings.Limits limits) {
      return new QuestionBounds(
          limits.pictures(),
          limits.clips().frames(),
          limits.tokens(),
          limits.clips().bytes().toBytes(),
          limits.clips().length().toMillis() / 1000.0);
    }
  }

  static ListedModel of(
      String id, @Nullable ServedModel served, ServerSettings.Limits limits, Presets presets) {
    QuestionBounds bounds = QuestionBounds.of(limits);
    if (served == null) {
      return new ListedModel(id, false, null, null, null, null, bounds, null, null, null);
    }
    VisionLanguageModel model = served.model();
    int context = model.contextTokens();
    return new ListedModel(
        id,
        true,
        model.model().modelType(),
        model.decoder().hiddenSize(),
        model.devices().toString(),
        context == Integer.MAX_VALUE ? null : context,
        bounds,
        presets.of(model),
        model.model().notice().orElse(null),
        model.model().noticeUrl().orElse(null));
  }
}
