package dev.squint.llm.arch;

import static dev.squint.llm.arch.GraphWriter.FLOAT;
import static dev.squint.llm.arch.GraphWriter.integer;
import static dev.squint.llm.arch.GraphWriter.integers;
import static dev.squint.llm.arch.GraphWriter.real;
import static dev.squint.llm.arch.GraphWriter.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A SigLIP vision encoder and its projector: pixel shuffle and one product where the package has a
 * {@code scale_factor} (Idefics3), else two products (LLaVA). Pictures are taken as these families'
 * exports take them, but without a mask: all pixels count.
 */
final class VisionGraph {

  private final GraphWriter writer;
  private final JsonNode config;
  private final int width;
  private final long patchSize;
  private final long imageSize;

  private VisionGraph(GraphWriter writer, JsonNode config) {
    this.writer = writer;
    this.config = config;
    JsonNode vision = config.required("vision_config");
    this.width = vision.required("hidden_size").intValue();
    this.patchSize = vision.required("patch_size").intValue();
    this.imageSize = vision.required("image_size").intValue();
  }

  /** Writes the encoder that {@code config.json} describes. */
  static void write(Path file, JsonNode config) throws IOException {
    try (GraphWriter writer = new GraphWriter(file)) {
      new VisionGraph(writer, config).write();
    }
  }

  private void write() throws IOException {
    int scale = config.path("scale_factor").intValue();
    int textSize = config.required("text_config").required("hidden_size").intValue();
    long edge = imageSize / patchSize;
    String tiles = "pixel_values";
    if (scale > 0) {
      writer.input(tiles, FLOAT, "batch_size", "num_images", 3, imageSize, imageSize);
      tiles = writer.add("Reshape", List.of(tiles, writer.longs(-1, 3, imageSize, imageSize)));
    } else {
      writer.input(tiles, FLOAT, "num_images", 3, imageSize, imageSize);
    }
    String x = patches(tiles, edge * edge);
    int layers = config.required("vision_config").required("num_hidden_layers").intValue();
    for (int layer = 0; layer < layers; layer++) {
      x = writer.add("Add", List.of(x, attention(norm(x))));
      x = writer.add("Add", List.of(x, mlp(norm(x))));
    }
    x = norm(x);
    if (scale > 0) {
      x = shuffled(x, edge, scale);
      long inputs = (long) width * scale * scale;
      product(x, inputs, textSize);
    } else {
      x = gelu(writer.linear(x, width, textSize, true));
      product(x, textSize, textSize);
    }
    long tokens = scale > 0 ? edge * edge / ((long) scale * scale) : edge * edge;
    writer.output("image_features", "num_tiles", tokens, textSize);
  }

  private void product(String x, long inputs, long outputs) throws IOException {
    String weights = writer.random(inputs, inputs, outputs);
    writer.add("MatMul", List.of(x, weights), List.of("image_features"));
  }

  private String patches(String tiles, long count) throws IOException {
    String kernels = writer.random(3 * patchSize * patchSize, width, 3, patchSize, patchSize);
    String map =
        writer.add(
            "Conv",
            List.of(tiles, kernels, writer.bias(width)),
            integers("kernel_shape", patchSize, patchSize),
            integers("strides", patchSize, patchSize));
    String rows = writer.add("Reshape", List.of(map, writer.longs(0, width, count)));
    String turned = writer.add("Transpose", List.of(rows), integers("perm", 0, 2, 1));
    return writer.add("Add", List.of(turned, writer.random(1, 1, count, width)));
  }

  private String norm(String x) throws IOException {
    return writer.add(
        "LayerNormalization",
        List.of(x, writer.ones(width), writer.bias(width)),
        integer("axis", -1),
        real("epsilon", 1e-6));
  }

  private String attention(String x) throws IOException {
    String queries = writer.linear(x, width, width, true);
    String keys = writer.linear(x, width, width, true);
    String values = writer.linear(x, width, width, true);
    int heads = config.required("vision_config").required("num_attention_heads").intValue();
    String mixed =
        writer.add(
            "MultiHeadAttention", List.of(queries, keys, values), integer("num_heads", heads));
    return writer.linear(mixed, width, width, true);
  }

  private String mlp(String x) throws IOException {
    long inner = config.required("vision_config").required("intermediate_size").longValue();
    return writer.linear(gelu(writer.linear(x, width, inner, true)), inner, width, true);
  }

  private String gelu(String x) {
    return writer.add("Gelu", List.of(x), text("approximate", "tanh"));
  }

  /** Blocks of scale x scale patches become one token (Idefics3, pixel shuffle). */
  private String shuffled(String x, long edge, long scale) {
    long side = edge / scale;
    String rows =
        writer.add("Reshape", List.of(x, writer.longs(-1, side, scale, side, scale * width)));
    String blocks = writer.add("Transpose", List.of(rows), integers("perm", 0, 1, 3, 2, 4));
    return writer.add(
        "Reshape", List.of(blocks, writer.longs(-1, side * side, scale * scale * width)));
  }
}
