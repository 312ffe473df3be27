package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.cost.DecoderCost;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.ModelPackage;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.ImageTilers;
import dev.squint.vision.tile.TiledImage;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Sizes of a model, to estimate its costs, from the decoder's graph and {@code config.json}. What
 * no file says is NaN.
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
    JsonNode vision = part(model, "vision_config");
    DecoderCost decoder = DecoderCost.of(loaded);
    TiledImage tile = oneTile(model);
    double patch = number(model, vision, "patch_size");
    double patches =
        Math.floor(tile.tile().width() / patch) * Math.floor(tile.tile().height() / patch);
    // Qwen2-VL calls the size of its language model hidden_size.
    double width = number(model, vision, "embed_dim", "hidden_size");
    double layer =
        patches
            * (2 * 4 * width * width
                + 2 * 2 * width * inner(model, vision, width)
                + 2 * 2 * patches * width);
    int tokens = loaded.encoder().encode(List.of(tile), Set.of()).size();
    return new ModelSizes(
        decoder.shape().heads(),
        decoder.shape().kvHeads(),
        decoder.shape().headSize(),
        tokens,
        number(model, vision, "num_hidden_layers", "depth") * layer,
        decoder.perToken(),
        decoder.perRow());
  }

  private static double inner(ModelPackage model, JsonNode vision, double width) {
    JsonNode ratio = vision.path("mlp_ratio");
    return ratio.isNumber() ? width * ratio.asDouble() : number(model, vision, "intermediate_size");
  }

  // A small grey picture as the encoder takes it, in one tile.
  private static TiledImage oneTile(ModelPackage model) {
    byte[] grey = new byte[3 * EDGE * EDGE];
    Arrays.fill(grey, (byte) 128);
    Picture picture = new Picture(EDGE, EDGE, grey);
    return ImageTilers.ofFrames(model.preprocessorConfig(), model.videoConfig())
        .tile(List.of(picture))
        .get(0)
        .only(0);
  }

  private static JsonNode part(ModelPackage model, String name) {
    return model.config().path(name).isObject() ? model.config().path(name) : model.config();
  }

  /** The first of these numbers that a file has, also in a list; NaN if none has one. */
  private static double number(ModelPackage model, JsonNode node, String... keys) {
    for (String key : keys) {
      for (JsonNode value : List.of(node.path(key), model.config().path(key))) {
        JsonNode first = value.isArray() ? value.path(0) : value;
        if (first.isNumber()) {
          return first.asDouble();
        }
      }
    }
    return Double.NaN;
  }
}
