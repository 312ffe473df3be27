package dev.squint.llm.arch;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/** Writes one ONNX graph, its weights in a separate file of the same folder, as in exports. */
final class GraphWriter implements AutoCloseable {

  /** ONNX's number for 32-bit floats. */
  static final int FLOAT = 1;

  /** ONNX's number for 64-bit integers. */
  static final int INT64 = 7;

  private static final Set<String> MICROSOFT =
      Set.of("GroupQueryAttention", "MultiHeadAttention", "SkipSimplifiedLayerNormalization");
  private static final int CHUNK = 1 << 20;
  private static final long PAGE = 4096;
  private static final int OPSET = 21;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("main_graph");
  private final Path file;
  private final String dataName;
  private final FileChannel data;
  private final float[] chunk = new float[CHUNK];
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long seed = 0x9E3779B97F4A7C15L;
  private int count;

  GraphWriter(Path file) throws IOException {
    this.file = file;
    this.dataName = file.getFileName() + "_data";
    this.data =
        FileChannel.open(
            file.resolveSibling(dataName), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  void input(String name, int type, Object... axes) {
    graph.addInput(info(name, type, axes));
  }

  void output(String name, Object... axes) {
    graph.addOutput(info(name, FLOAT, axes));
  }

  /** Random weights that keep the size of what they multiply: spread 1 / sqrt(inputs). */
  String random(long inputs, long... shape) throws IOException {
    float bound = (float) Math.sqrt(3.0 / inputs);
    return stored(
        shape,
        (to, values) -> {
          for (int i = 0; i < values; i++) {
            // Xorshift: the upper bits are good enough, and a gigabyte of them takes a second.
            seed ^= seed << 13;
            seed ^= seed >>> 7;
            seed ^= seed << 17;
            to[i] = ((seed >> 40) * 0x1p-23f) * bound;
          }
        });
  }

  /** Random biases, small compared with what they are added to. */
  String bias(long size) throws IOException {
    return random(100 * size, size);
  }

  /** Weights of a norm. */
  String ones(long size) throws IOException {
    return stored(new long[] {size}, (to, values) -> Arrays.fill(to, 0, values, 1));
  }

  /** A table of given values. */
  String table(float[] content, long... shape) throws IOException {
    int[] at = {0};
    return stored(
        shape,
        (to, values) -> {
          System.arraycopy(content, at[0], to, 0, values);
          at[0] += values;
        });
  }

  /** A small constant, inside the graph. */
  String longs(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    LongStream.of(values).forEach(raw::putLong);
    String name = "constant." + count++;
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(INT64)
            .addDims(values.length)
            .setRawData(ByteString.copyFrom(raw.flip())));
    return name;
  }

  /** Adds a node with one output and returns its name. */
  String add(String type, List<String> inputs, AttributeProto... attributes) {
    String output = "%s.%d".formatted(type, count++);
    add(type, inputs, List.of(output), attributes);
    return output;
  }

  void add(String type, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName("/%s_%d".formatted(type, count++))
            .setOpType(type)
            .setDomain(MICROSOFT.contains(type) ? "com.microsoft" : "")
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
  }

  /** A product with random weights. */
  String linear(String x, long inputs, long outputs, boolean withBias) throws IOException {
    String product = add("MatMul", List.of(x, random(inputs, inputs, outputs)));
    return withBias ? add("Add", List.of(product, bias(outputs))) : product;
  }

  static AttributeProto integer(String name, long value) {
    return attribute(name, AttributeProto.AttributeType.INT).setI(value).build();
  }

  static AttributeProto real(String name, double value) {
    return attribute(name, AttributeProto.AttributeType.FLOAT).setF((float) value).build();
  }

  static AttributeProto text(String name, String value) {
    return attribute(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto integers(String name, long... values) {
    return attribute(name, AttributeProto.AttributeType.INTS)
        .addAllInts(LongStream.of(values).boxed().toList())
        .build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  /** Fills a chunk with the next values. */
  private interface Filling {
    void fill(float[] to, int values);
  }

  private String stored(long[] shape, Filling filling) throws IOException {
    String name = "weight." + count++;
    long offset = (data.position() + PAGE - 1) / PAGE * PAGE;
    data.position(offset);
    long left = LongStream.of(shape).reduce(1, Math::multiplyExact);
    long size = left * Float.BYTES;
    while (left > 0) {
      int values = (int) Math.min(left, CHUNK);
      filling.fill(chunk, values);
      bytes.clear();
      bytes.asFloatBuffer().put(chunk, 0, values);
      bytes.limit(values * Float.BYTES);
      while (bytes.hasRemaining()) {
        data.write(bytes);
      }
      left -= values;
    }
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(FLOAT)
            .addAllDims(LongStream.of(shape).boxed().toList())
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", dataName))
            .addExternalData(entry("offset", Long.toString(offset)))
            .addExternalData(entry("length", Long.toString(size))));
    return name;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static ValueInfoProto info(String name, int type, Object... axes) {
    List<TensorShapeProto.Dimension> shape = new ArrayList<>();
    for (Object axis : axes) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      shape.add(
          axis instanceof Number size
              ? dimension.setDimValue(size.longValue()).build()
              : dimension.setDimParam(axis.toString()).build());
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type)
                        .setShape(TensorShapeProto.newBuilder().addAllDim(shape))))
        .build();
  }

  /** Writes the graph and ends its weights. */
  @Override
  public void close() throws IOException {
    data.close();
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(10)
            .setProducerName("squint, random weights")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
            .setGraph(graph)
            .build();
    Files.write(file, model.toByteArray());
  }
}
