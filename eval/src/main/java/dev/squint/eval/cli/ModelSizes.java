package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.model.ModelPackage;

/**
 * Sizes of a model, to estimate its costs. The cache's shape gives heads and head size; {@code
 * config.json} gives the rest.
 *
 * @param heads query heads of the decoder
 * @param kvHeads key-value heads
 * @param headSize width of one head
 * @param tokensPerTile visual tokens that the encoder outputs per tile
 * @param encoderFlopsPerTile operations of the vision encoder's layers per tile, without stem and
 *     projector
 * @param decoderFlopsPerToken operations of the decoder's layers per token, without attention over
 *     the cache
 * @param headFlops operations of the output layer
 */
record ModelSizes(
    int heads,
    int kvHeads,
    int headSize,
    int tokensPerTile,
    double encoderFlopsPerTile,
    double decoderFlopsPerToken,
    double headFlops) {

  /** Text tokens of a typical question with its template. */
  static final int QUESTION_TOKENS = 32;

  /** Tokens of a typical answer. */
  static final int ANSWER_TOKENS = 16;

  static ModelSizes of(VisionLanguageModel loaded) {
    ModelPackage model = loaded.model();
    JsonNode text = part(model, "text_config");
    JsonNode vision = part(model, "vision_config");
    CacheSlot slot = loaded.decoder().stages().get(0).cache().get(0);
    int kvHeads = Math.toIntExact(slot.emptyShape().get(1));
    int headSize = Math.toIntExact(slot.emptyShape().get(slot.emptyShape().size() - 1));
    int heads = text.path("num_attention_heads").asInt(kvHeads);
    double hidden = loaded.decoder().hiddenSize();
    double attention = 2 * hidden * headSize * (2.0 * heads + 2.0 * kvHeads);
    double mlp = 2 * 3 * hidden * number(model, text, "intermediate_size");
    double patches = patches(model, vision);
    double width = number(model, vision, "hidden_size");
    double layer =
        patches
            * (2 * 4 * width * width
                + 2 * 2 * width * number(model, vision, "intermediate_size")
                + 2 * 2 * patches * width);
    double scale = model.config().path("scale_factor").asDouble(1);
    return new ModelSizes(
        heads,
        kvHeads,
        headSize,
        (int) (patches / (scale * scale)),
        number(model, vision, "num_hidden_layers") * layer,
        loaded.decoder().cachedLayers() * (attention + mlp),
        2 * hidden * number(model, text, "vocab_size"));
  }

  private static JsonNode part(ModelPackage model, String name) {
    return model.config().path(name).isObject() ? model.config().path(name) : model.config();
  }

  private static double patches(ModelPackage model, JsonNode vision) {
    double edge =
        number(model, vision, "image_size") / Math.max(1, number(model, vision, "patch_size"));
    return Math.floor(edge) * Math.floor(edge);
  }

  private static double number(ModelPackage model, JsonNode node, String key) {
    JsonNode value = node.path(key).isNumber() ? node.path(key) : model.config().path(key);
    if (!value.isNumber()) {
      throw model.broken("config.json", "has no %s, which the cost table needs".formatted(key));
    }
    return value.asDouble();
  }
}
