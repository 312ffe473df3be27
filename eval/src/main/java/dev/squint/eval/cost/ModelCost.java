package dev.squint.eval.cost;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.run.JsonFiles;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.graph.EncoderStem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Sizes of a loaded model that determine its operations, from its {@code config.json}.
 *
 * @param decoder the decoder
 * @param encoder sizes of the vision encoder
 */
public record ModelCost(DecoderShape decoder, EncoderShape encoder) {

  private static final String FILE = "cost.json";

  /** Reads the sizes of a model; empty if its config lacks a number. */
  public static Optional<ModelCost> of(VisionLanguageModel loaded) {
    JsonNode config = loaded.model().config();
    JsonNode text = config.path("text_config").isObject() ? config.path("text_config") : config;
    JsonNode vision = config.path("vision_config");
    int ffn = text.path("intermediate_size").asInt();
    int vocabulary = text.path("vocab_size").asInt(config.path("vocab_size").asInt());
    double patch = vision.path("patch_size").asDouble();
    double edge = patch > 0 ? Math.floor(vision.path("image_size").asDouble() / patch) : 0;
    double width = vision.path("hidden_size").asDouble();
    double visionFfn = vision.path("intermediate_size").asDouble();
    double layers = vision.path("num_hidden_layers").asDouble();
    if (ffn == 0 || vocabulary == 0 || edge * width * visionFfn * layers == 0) {
      return Optional.empty();
    }
    CacheSlot slot = loaded.decoder().stages().get(0).cache().get(0);
    int kvHeads = Math.toIntExact(slot.emptyShape().get(1));
    int headSize = Math.toIntExact(slot.emptyShape().get(slot.emptyShape().size() - 1));
    DecoderShape decoder =
        new DecoderShape(
            loaded.decoder().cachedLayers(),
            Math.toIntExact(loaded.decoder().hiddenSize()),
            ffn,
            text.path("num_attention_heads").asInt(kvHeads),
            kvHeads,
            headSize,
            vocabulary);
    int merged = config.path("scale_factor").asInt(1);
    EncoderShape encoder =
        new EncoderShape(
            (int) layers,
            (int) width,
            (int) visionFfn,
            (int) (edge * edge),
            merged * merged,
            stem(loaded, (int) (edge * patch), (int) (edge * edge)));
    return Optional.of(new ModelCost(decoder, encoder));
  }

  private static double stem(VisionLanguageModel loaded, int edge, int patches) {
    return EncoderStem.operations(
        loaded.model().graph(Session.VISION_ENCODER), edge, edge, patches);
  }

  /** Writes {@code cost.json} to a run's folder. */
  public void write(Path folder) {
    JsonFiles.write(folder.resolve(FILE), this);
  }

  /** Reads {@code cost.json} of a run's folder, or nothing if the run has none. */
  public static Optional<ModelCost> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JsonFiles.MAPPER.readValue(file.toFile(), ModelCost.class));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
