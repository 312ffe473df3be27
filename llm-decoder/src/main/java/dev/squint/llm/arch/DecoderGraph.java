package dev.squint.llm.arch;

import static dev.squint.llm.arch.GraphWriter.FLOAT;
import static dev.squint.llm.arch.GraphWriter.INT64;
import static dev.squint.llm.arch.GraphWriter.integer;
import static dev.squint.llm.arch.GraphWriter.real;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.vision.onnx.proto.AttributeProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Llama or Qwen2 decoder as ONNX Runtime's model builder exports it: queries, keys and values by
 * one product, {@code GroupQueryAttention} with the rotation inside, residual sums inside of {@code
 * SkipSimplifiedLayerNormalization}, logits of the last rows only.
 */
final class DecoderGraph {

  private static final long END = Long.MAX_VALUE;

  private final GraphWriter writer;
  private final JsonNode config;
  private final int hidden;
  private final int heads;
  private final int kvHeads;
  private final int headSize;
  private final AttributeProto[] norm;

  private DecoderGraph(GraphWriter writer, JsonNode config) {
    this.writer = writer;
    this.config = config;
    this.hidden = config.required("hidden_size").intValue();
    this.heads = config.required("num_attention_heads").intValue();
    this.kvHeads = config.required("num_key_value_heads").intValue();
    this.headSize = hidden / heads;
    this.norm =
        new AttributeProto[] {real("epsilon", config.required("rms_norm_eps").doubleValue())};
  }

  /** Writes the decoder that {@code text_config} describes. */
  static void write(Path file, JsonNode config) throws IOException {
    try (GraphWriter writer = new GraphWriter(file)) {
      new DecoderGraph(writer, config).write();
    }
  }

  /** Writes the table of text embeddings. */
  static void writeEmbeddings(Path file, JsonNode config) throws IOException {
    int size = config.required("hidden_size").intValue();
    try (GraphWriter writer = new GraphWriter(file)) {
      writer.input("input_ids", INT64, "batch_size", "sequence_length");
      writer.output("inputs_embeds", "batch_size", "sequence_length", size);
      String table = writer.random(1, config.required("vocab_size").longValue(), size);
      writer.add("Gather", List.of(table, "input_ids"), List.of("inputs_embeds"));
    }
  }

  private void write() throws IOException {
    long vocabulary = config.required("vocab_size").longValue();
    writer.input("inputs_embeds", FLOAT, "batch_size", "sequence_length", hidden);
    writer.input("attention_mask", INT64, "batch_size", "total_sequence_length");
    writer.input("position_ids", INT64, "batch_size", "sequence_length");
    writer.input("num_logits_to_keep", INT64);
    writer.output("logits", "batch_size", "num_logits", vocabulary);
    List<String> rest = new ArrayList<>(lengths());
    rest.add(angles(true));
    rest.add(angles(false));
    rest.add("position_ids");
    String residual = "inputs_embeds";
    String normed = normed(List.of(residual, writer.ones(hidden)));
    int layers = config.required("num_hidden_layers").intValue();
    for (int layer = 0; layer < layers; layer++) {
      String[] sums = {residual + ".attention." + layer, "residual." + layer};
      normed = skipNorm(residual, attention(layer, normed, rest), sums[0]);
      normed = skipNorm(sums[0], mlp(normed), sums[1]);
      residual = sums[1];
    }
    String first = writer.add("Neg", List.of("num_logits_to_keep"));
    String from = writer.add("Unsqueeze", List.of(first, writer.longs(0)));
    String kept = writer.add("Slice", List.of(normed, from, writer.longs(END), writer.longs(1)));
    writer.add(
        "MatMul", List.of(kept, writer.random(hidden, hidden, vocabulary)), List.of("logits"));
  }

  /** The lengths that the attention takes: last index of the keys, and their number. */
  private List<String> lengths() {
    String sum =
        writer.add("ReduceSum", List.of("attention_mask", writer.longs(1)), integer("keepdims", 1));
    String last = writer.add("Sub", List.of(sum, writer.longs(1)));
    String total =
        writer.add(
            "Gather",
            List.of(writer.add("Shape", List.of("attention_mask")), writer.longs(1)),
            integer("axis", 0));
    String scalar = writer.add("Squeeze", List.of(total));
    int int32 = 6;
    return List.of(
        writer.add("Cast", List.of(last), integer("to", int32)),
        writer.add("Cast", List.of(scalar), integer("to", int32)));
  }

  private String angles(boolean cosine) throws IOException {
    double theta = config.required("rope_theta").doubleValue();
    int positions = config.required("max_position_embeddings").intValue();
    int half = headSize / 2;
    float[] table = new float[positions * half];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * Math.pow(theta, -(double) i / half);
        table[position * half + i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
      }
    }
    return writer.table(table, positions, half);
  }

  private String normed(List<String> inputs) {
    return writer.add("SimplifiedLayerNormalization", inputs, norm);
  }

  private String skipNorm(String residual, String added, String sum) throws IOException {
    String normed = sum + ".normed";
    writer.add(
        "SkipSimplifiedLayerNormalization",
        List.of(residual, added, writer.ones(hidden)),
        List.of(normed, "", "", sum),
        norm);
    return normed;
  }

  private String attention(int layer, String normed, List<String> rest) throws IOException {
    String past = "past_key_values.%d.".formatted(layer);
    String present = "present.%d.".formatted(layer);
    for (String kind : List.of("key", "value")) {
      writer.input(past + kind, FLOAT, "batch_size", kvHeads, "past_sequence_length", headSize);
      writer.output(present + kind, "batch_size", kvHeads, "total_sequence_length", headSize);
    }
    boolean biased = config.path("attention_bias").booleanValue();
    String packed = writer.linear(normed, hidden, (heads + 2L * kvHeads) * headSize, biased);
    List<String> inputs = new ArrayList<>(List.of(packed, "", "", past + "key", past + "value"));
    inputs.addAll(rest);
    String mixed = "attention." + layer;
    writer.add(
        "GroupQueryAttention",
        inputs,
        List.of(mixed, present + "key", present + "value"),
        integer("num_heads", heads),
        integer("kv_num_heads", kvHeads),
        integer("do_rotary", 1));
    return writer.linear(mixed, hidden, hidden, false);
  }

  private String mlp(String normed) throws IOException {
    long inner = config.required("intermediate_size").longValue();
    String gate = writer.linear(normed, hidden, inner, false);
    String open = writer.add("Mul", List.of(gate, writer.add("Sigmoid", List.of(gate))));
    String up = writer.linear(normed, hidden, inner, false);
    return writer.linear(writer.add("Mul", List.of(open, up)), inner, hidden, false);
  }
}
