package dev.squint.eval.cost;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.run.JsonFiles;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.graph.EncoderStem;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of a loaded model that determine its operations, from its {@code config.json} and its
 * graphs.
 *
 * @param decoder the decoder
 * @param encoder sizes of the vision encoder
 * @param work operations of the decoder by layer; null in files of older versions
 */
public record ModelCost(DecoderShape decoder, EncoderShape encoder, @Nullable LayerWork work) {

  /** Name of the file in a run's folder. */
  public static final String FILE = "cost.json";

  /** Reads the sizes of a model; empty if its config lacks a number. */
  public static Optional<ModelCost> of(VisionLanguageModel loaded) {
    JsonNode config = loaded.model().config();
    JsonNode vision = config.path("vision_config");
    double patch = first(vision.path("patch_size"));
    double edge =
        patch > 0 && vision.has("image_size")
            ? Math.floor(first(vision.path("image_size")) / patch)
            // LFM2-VL says how many patches a whole tile has.
            : Math.floor(Math.sqrt(vision.path("num_patches").asDouble()));
    double width = vision.path("hidden_size").asDouble();
    double visionFfn = vision.path("intermediate_size").asDouble();
    double layers = vision.path("num_hidden_layers").asDouble();
    if (edge * width * visionFfn * layers == 0) {
      return Optional.empty();
    }
    DecoderCost decoder = DecoderCost.of(loaded);
    if (decoder.shape().ffn() == 0 || decoder.shape().vocabulary() == 0) {
      return Optional.empty();
    }
    int merged = config.path("scale_factor").asInt(config.path("downsample_factor").asInt(1));
    EncoderShape encoder =
        new EncoderShape(
            layers(loaded, (int) layers),
            (int) width,
            (int) visionFfn,
            (int) (edge * edge),
            merged * merged,
            stem(loaded, (int) (edge * patch), (int) (edge * edge)));
    return Optional.of(new ModelCost(decoder.shape(), encoder, decoder.work()));
  }

  /** A number, or the first of a list: InternVL has height and width. */
  private static double first(JsonNode node) {
    return node.isArray() ? node.path(0).asDouble() : node.asDouble();
  }

  /** Those of the graph, which may leave out the last ones of the config. */
  private static int layers(VisionLanguageModel loaded, int configured) {
    try {
      Path graph = loaded.model().graph(Session.VISION_ENCODER);
      return GraphRewriter.layers(graph, GraphKind.VISION_ENCODER).size();
    } catch (IllegalArgumentException unknownPattern) {
      return configured;
    }
  }

  private static double stem(VisionLanguageModel loaded, int edge, int patches) {
    return EncoderStem.operations(
        loaded.model().graph(Session.VISION_ENCODER), edge, edge, patches);
  }

  /** What the decoder's operations are counted by. */
  public DecoderCost ofDecoder() {
    return new DecoderCost(decoder, work);
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
