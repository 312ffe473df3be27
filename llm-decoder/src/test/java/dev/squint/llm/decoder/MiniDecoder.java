package dev.squint.llm.decoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.AttributeProto.AttributeType;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a decoder with given weights as ONNX graphs with the inputs and outputs of Hugging Face
 * exports: RMS norms, rotated queries and keys, causal attention, a gated MLP.
 */
final class MiniDecoder {

  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("mini");
  private final JsonNode config;
  private final JsonNode weights;
  private final int heads;
  private final int size;
  private int count;

  private MiniDecoder(JsonNode golden) {
    this.config = golden.get("config");
    this.weights = golden.get("weights");
    this.heads = config.get("heads").asInt();
    this.size = config.get("head_dim").asInt();
  }

  /** A decoder with the weights of the file. */
  static Path write(JsonNode golden, Path file) throws IOException {
    MiniDecoder decoder = new MiniDecoder(golden);
    decoder.build();
    return decoder.save(file);
  }

  /** A table of embeddings with these rows. */
  static Path writeEmbeddings(JsonNode golden, JsonNode rows, Path file) throws IOException {
    MiniDecoder table = new MiniDecoder(golden);
    table.input("input_ids", INT64, "batch_size", "sequence_length");
    table.node("Gather", List.of(table.matrix(rows, false), "input_ids"), "inputs_embeds");
    table.output("inputs_embeds", "batch_size", "sequence_length", table.config.get("D").asInt());
    return table.save(file);
  }

  private Path save(Path file) throws IOException {
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(9)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    return Files.write(file, model.toByteArray());
  }

  private void build() {
    int width = config.get("D").asInt();
    input("inputs_embeds", FLOAT, "batch_size", "sequence_length", width);
    input("attention_mask", INT64, "batch_size", "total_sequence_length");
    input("position_ids", INT64, "batch_size", "sequence_length");
    String mask = mask();
    String angles = angles();
    String cos = op("Cos", angles);
    String sin = op("Sin", angles);
    String hidden = "inputs_embeds";
    output("logits", "batch_size", "sequence_length", config.get("vocab").asInt());
    for (int i = 0; i < weights.get("layers").size(); i++) {
      JsonNode w = weights.get("layers").get(i);
      String normed = norm(hidden, w.get("n1"));
      String q = rotated(split(linear(normed, w.get("Wq"))), cos, sin);
      String k = cached(i, "key", rotated(split(linear(normed, w.get("Wk"))), cos, sin));
      String v = cached(i, "value", split(linear(normed, w.get("Wv"))));
      String turned = op("Transpose", List.of(k), ints("perm", 0, 1, 3, 2));
      String scores = op("Mul", op("MatMul", q, turned), scalar((float) (1 / Math.sqrt(size))));
      String attention = op("Softmax", List.of(op("Add", scores, mask)), ints("axis", -1));
      String mixed = op("Transpose", List.of(op("MatMul", attention, v)), ints("perm", 0, 2, 1, 3));
      String joined = op("Reshape", mixed, longs(0, 0, (long) heads * size));
      hidden = op("Add", hidden, linear(joined, w.get("Wo")));
      String again = norm(hidden, w.get("n2"));
      String gate = linear(again, w.get("Wg"));
      String open = op("Mul", gate, op("Sigmoid", gate));
      hidden = op("Add", hidden, linear(op("Mul", open, linear(again, w.get("Wu"))), w.get("Wd")));
    }
    node(
        "MatMul",
        List.of(norm(hidden, weights.get("final_norm")), matrix(weights.get("lm_head"), true)),
        "logits");
  }

  private String mask() {
    String tokens = op("Gather", op("Shape", "inputs_embeds"), whole(1));
    String total = op("Gather", op("Shape", "attention_mask"), whole(1));
    String keys = op("Range", whole(0), total, whole(1));
    String rows = op("Range", op("Sub", total, tokens), total, whole(1));
    String seen = op("LessOrEqual", keys, op("Unsqueeze", rows, longs(1)));
    return op("Where", seen, scalar(0), scalar(-1e30f));
  }

  private String angles() {
    double base = config.get("rope_base").asDouble();
    float[] frequencies = new float[size / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) Math.pow(base, -2.0 * i / size);
    }
    String positions = op("Cast", List.of("position_ids"), ints("to", FLOAT));
    String half =
        op("Mul", op("Unsqueeze", positions, longs(1, 3)), floats(frequencies, frequencies.length));
    return op("Concat", List.of(half, half), ints("axis", -1));
  }

  private String split(String x) {
    String apart = op("Reshape", x, longs(0, 0, heads, size));
    return op("Transpose", List.of(apart), ints("perm", 0, 2, 1, 3));
  }

  private String rotated(String x, String cos, String sin) {
    String first = op("Slice", x, longs(0), longs(size / 2), longs(3));
    String second = op("Slice", x, longs(size / 2), longs(size), longs(3));
    String turned = op("Concat", List.of(op("Neg", second), first), ints("axis", -1));
    return op("Add", op("Mul", x, cos), op("Mul", turned, sin));
  }

  private String cached(int layer, String kind, String fresh) {
    String past = "past_key_values.%d.%s".formatted(layer, kind);
    String present = "present.%d.%s".formatted(layer, kind);
    input(past, FLOAT, "batch_size", heads, "past_sequence_length", size);
    output(present, "batch_size", heads, "total_sequence_length", size);
    node("Concat", List.of(past, fresh), present, ints("axis", 2));
    return present;
  }

  private String norm(String x, JsonNode weight) {
    String square = op("ReduceMean", List.of(op("Mul", x, x)), ints("axes", List.of(-1L)));
    float epsilon = (float) config.get("rms_eps").asDouble();
    String root = op("Sqrt", op("Add", square, scalar(epsilon)));
    return op("Mul", op("Div", x, root), floats(row(weight), weight.size()));
  }

  private String linear(String x, JsonNode weight) {
    return op("MatMul", x, matrix(weight, true));
  }

  private String op(String type, String... inputs) {
    return op(type, List.of(inputs));
  }

  private String op(String type, List<String> inputs, AttributeProto... attributes) {
    String output = "t" + count++;
    node(type, inputs, output, attributes);
    return output;
  }

  private void node(String type, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName("n" + count++)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  private static AttributeProto ints(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setI(value).setType(AttributeType.INT).build();
  }

  private static AttributeProto ints(String name, long first, long second, long third, long last) {
    return ints(name, List.of(first, second, third, last));
  }

  private static AttributeProto ints(String name, List<Long> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .addAllInts(values)
        .setType(AttributeType.INTS)
        .build();
  }

  private static float[] row(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }

  private String matrix(JsonNode rows, boolean transposed) {
    int height = rows.size();
    int width = rows.get(0).size();
    float[] values = new float[height * width];
    for (int r = 0; r < height; r++) {
      for (int c = 0; c < width; c++) {
        int at = transposed ? c * height + r : r * width + c;
        values[at] = (float) rows.get(r).get(c).asDouble();
      }
    }
    return transposed ? floats(values, width, height) : floats(values, height, width);
  }

  private String scalar(float value) {
    return floats(new float[] {value});
  }

  private String floats(float[] values, long... shape) {
    ByteBuffer bytes = bytes(values.length * Float.BYTES);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return constant(FLOAT, bytes, shape);
  }

  private String whole(long value) {
    return constant(INT64, bytes(Long.BYTES).putLong(value));
  }

  private String longs(long... values) {
    ByteBuffer bytes = bytes(values.length * Long.BYTES);
    for (long value : values) {
      bytes.putLong(value);
    }
    return constant(INT64, bytes, values.length);
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String constant(int type, ByteBuffer bytes, long... shape) {
    String name = "c" + count++;
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .setRawData(ByteString.copyFrom(bytes.flip()));
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    graph.addInitializer(tensor);
    return name;
  }

  private void input(String name, int type, Object... dimensions) {
    graph.addInput(info(name, type, dimensions));
  }

  private void output(String name, Object... dimensions) {
    graph.addOutput(info(name, FLOAT, dimensions));
  }

  private static ValueInfoProto info(String name, int type, Object... dimensions) {
    List<TensorShapeProto.Dimension> axes = new ArrayList<>();
    for (Object dimension : dimensions) {
      TensorShapeProto.Dimension.Builder axis = TensorShapeProto.Dimension.newBuilder();
      if (dimension instanceof Integer fixed) {
        axes.add(axis.setDimValue(fixed).build());
      } else {
        axes.add(axis.setDimParam((String) dimension).build());
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type)
                        .setShape(TensorShapeProto.newBuilder().addAllDim(axes))))
        .build();
  }
}
