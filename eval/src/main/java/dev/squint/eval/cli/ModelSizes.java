package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.model.ModelPackage;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.ImageTilers;
import dev.squint.vision.tile.TiledImage;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Sizes of a model, to estimate its costs. The cache's shape gives heads and head size; {@code
 * config.json} gives the rest. What no file says is NaN.
 *
 * @param heads query heads of the decoder
 * @param kvHeads key-value heads
 * @param headSize width of one head
 * @param tokensPerTile visual tokens that the encoder outputs for one tile of a small picture
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

  /** Edge in pixels of the picture whose tile is counted. */
  private static final int EDGE = 64;

  /** Tokens of a typical answer. */
  static final int ANSWER_TOKENS = 16;

  static ModelSizes of(VisionLanguageModel loaded) {
    ModelPackage model = loaded.model();
    JsonNode text = part(model, "text_config");
    JsonNode vision = part(model, "vision_config");
    // Hybrids have states of convolutions among the keys and values.
    CacheSlot slot =
        loaded.decoder().stages().get(0).cache().stream()
            .filter(CacheSlot::grows)
            .findFirst()
            .orElseThrow();
    int kvHeads = Math.toIntExact(slot.emptyShape().get(1));
    int headSize = Math.toIntExact(slot.emptyShape().get(slot.emptyShape().size() - 1));
    int heads = text.path("num_attention_heads").asInt(kvHeads);
    double hidden = loaded.decoder().hiddenSize();
    double attention = 2 * hidden * headSize * (2.0 * heads + 2.0 * kvHeads);
    double mlp = 2 * 3 * hidden * number(model, text, "intermediate_size");
    TiledImage tile = oneTile(model);
    double patch = number(model, vision, "patch_size");
    double patches =
        Math.floor(tile.tile().width() / patch) * Math.floor(tile.tile().height() / patch);
    double width = number(model, vision, "hidden_size", "embed_dim");
    double layer =
        patches
            * (2 * 4 * width * width
                + 2 * 2 * width * number(model, vision, "intermediate_size")
                + 2 * 2 * patches * width);
    int tokens = loaded.encoder().encode(List.of(tile), Set.of()).size();
    return new ModelSizes(
        heads,
        kvHeads,
        headSize,
        tokens,
        number(model, vision, "num_hidden_layers", "depth") * layer,
        layers(loaded) * (attention + mlp),
        2 * hidden * number(model, text, "vocab_size"));
  }

  /** Layers of the decoder; some keep no keys of their own (hybrids, shared keys and values). */
  static int layers(VisionLanguageModel loaded) {
    int said = part(loaded.model(), "text_config").path("num_hidden_layers").asInt();
    return Math.max(said, loaded.decoder().cachedLayers());
  }

  // A small grey picture as the encoder takes it, in one tile.
  private static TiledImage oneTile(ModelPackage model) {
    byte[] grey = new byte[3 * EDGE * EDGE];
    Arrays.fill(grey, (byte) 128);
    Picture picture = new Picture(EDGE, EDGE, grey);
    return ImageTilers.ofFrames(model.preprocessorConfig(), model.videoConfig())
        .tile(List.of(picture))
        .get(0);
  }

  private static JsonNode part(ModelPackage model, String name) {
    return model.config().path(name).isObject() ? model.config().path(name) : model.config();
  }

  /** The first of these numbers that a file has; NaN if none has one. */
  private static double number(ModelPackage model, JsonNode node, String... keys) {
    for (String key : keys) {
      JsonNode value = node.path(key).isNumber() ? node.path(key) : model.config().path(key);
      if (value.isNumber()) {
        return value.asDouble();
      }
    }
    return Double.NaN;
  }
}
