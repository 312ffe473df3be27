package dev.squint.vision.onnx.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.AttributeProto;
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
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GraphQuantizerTest {

  private static final int ROWS = 7;

  @TempDir private Path folder;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("graph");
  private final Random random = new Random(5);

  /** The largest mean error that rounding may leave, as a share of the mean magnitude. */
  @ParameterizedTest
  @CsvSource({"DYNAMIC_8, 0.03", "BLOCK_8, 0.02", "BLOCK_4, 0.2"})
  void productsLookUpsAndBiases_areNear(QuantizedForm form, double allowed) throws Exception {
    Path from = graphWithEverything();
    Path to = folder.resolve("graph" + form.variant() + ".onnx");

    QuantizedGraph written = GraphQuantizer.write(from, to, form);

    assertThat(QuantizedForm.ofGraph(from)).isEmpty();
    assertThat(QuantizedForm.ofGraph(to)).contains(form);
    assertThat(written.weights()).isEqualTo(3);
    assertThat(written.bytesAfter()).isLessThan(written.bytesBefore() / (form.bits() == 8 ? 3 : 5));
    float[] expected = run(from);
    float[] actual = run(to);
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.abs(actual[i] - expected[i]);
      size += Math.abs(expected[i]);
    }
    assertThat(error / size).isBetween(1e-6, allowed);
  }

  @ParameterizedTest
  @EnumSource(QuantizedForm.class)
  void weightsOutsideOfTheGraph_giveTheSameFile(QuantizedForm form) throws Exception {
    Path inside = graphWithEverything();
    Path outside = withExternalData(inside);
    Path a = folder.resolve("a/graph.onnx");
    Path b = folder.resolve("b/graph.onnx");
    Files.createDirectories(folder.resolve("a"));
    Files.createDirectories(folder.resolve("b"));

    GraphQuantizer.write(inside, a, form);
    GraphQuantizer.write(outside, b, form);

    assertThat(Files.mismatch(a, b)).isEqualTo(-1);
    assertThat(Files.mismatch(data(a), data(b))).isEqualTo(-1);
    try (Stream<Path> files = Files.list(folder.resolve("a"))) {
      assertThat(files).containsExactlyInAnyOrder(a, data(a));
    }
  }

  @Test
  void oneScaleOfActivations_isSharedByAllProducts() throws Exception {
    graph.addInput(info("x", "rows", 64));
    for (String name : List.of("a", "b")) {
      constant("weight." + name, 64, 64);
      node("MatMul", List.of("x", "weight." + name), name);
    }
    node("Add", List.of("a", "b"), "y");
    graph.addOutput(info("y", "rows", 64));
    Path to = folder.resolve("to.onnx");

    GraphQuantizer.write(save("from"), to, QuantizedForm.DYNAMIC_8);

    assertThat(OnnxModel.read(to).proto().getGraph().getNodeList())
        .filteredOn(node -> node.getOpType().equals("DynamicQuantizeLinear"))
        .hasSize(1);
  }

  // 255 x 64 + 255 x 64 is the largest sum of two products. With 7-bit codes it fits into 16 bits,
  // so that a
  // processor without VNNI has the same result as one with it.
  @Test
  void theLargestProducts_doNotOverflow() throws Exception {
    graph.addInput(info("x", "rows", 64));
    float[] ones = new float[64 * 64];
    Arrays.fill(ones, 0.5f);
    constant("weight", ones, 64, 64);
    node("MatMul", List.of("x", "weight"), "y");
    graph.addOutput(info("y", "rows", 64));
    Path to = folder.resolve("to.onnx");
    GraphQuantizer.write(save("from"), to, QuantizedForm.DYNAMIC_8);
    float[] input = new float[64];
    Arrays.fill(input, 1);

    assertThat(run(to, input, 1, 64)).containsOnly(32);
  }

  @Test
  void weightsThatOtherNodesRead_stayToo() throws Exception {
    graph.addInput(info("x", "rows", 64));
    constant("weight", 64, 64);
    node("MatMul", List.of("x", "weight"), "product");
    node("Add", List.of("weight", "weight"), "twice");
    node("MatMul", List.of("product", "twice"), "y");
    graph.addOutput(info("y", "rows", 64));
    Path to = folder.resolve("to.onnx");

    QuantizedGraph written = GraphQuantizer.write(save("from"), to, QuantizedForm.BLOCK_4);

    assertThat(written.weights()).isEqualTo(1);
    assertThat(run(to, new float[64], 1, 64)).containsOnly(0);
  }

  @Test
  void aGraphWithoutSuchWeights_isRefused_andLeavesNoFile() throws Exception {
    graph.addInput(info("x", "rows", 64));
    node("Neg", List.of("x"), "y");
    graph.addOutput(info("y", "rows", 64));
    Path from = save("from");

    assertThatThrownBy(
            () -> GraphQuantizer.write(from, folder.resolve("to.onnx"), QuantizedForm.BLOCK_4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from.onnx has no weights of 32-bit floats that q4 can hold");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(from);
    }
  }

  @Test
  void missingOrCutOffWeights_areNamed() throws Exception {
    Path outside = withExternalData(graphWithEverything());
    Path weights = data(outside);
    byte[] content = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(content, 100));
    assertThatThrownBy(
            () -> GraphQuantizer.write(outside, folder.resolve("to.onnx"), QuantizedForm.BLOCK_4))
        .hasMessageContaining("ends before the weights of");
    Files.delete(weights);
    assertThatThrownBy(
            () -> GraphQuantizer.write(outside, folder.resolve("to.onnx"), QuantizedForm.BLOCK_4))
        .hasMessageContaining("are missing: there is no file " + weights.getFileName());
  }

  @Test
  void unknownForms_areRefused() {
    assertThatThrownBy(() -> QuantizedForm.of("q3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no weights can be written as 'q3'; use q8, q8block or q4");
  }

  /** A look-up, a product, and a product with bias whose weight is stored transposed. */
  private Path graphWithEverything() throws IOException {
    graph.addInput(
        ValueInfoProto.newBuilder().setName("ids").setType(type(7, List.of("batch", "rows"))));
    constant("table", 50, 64);
    constant("weight", 64, 96);
    constant("transposed", 40, 96);
    constant("bias", 40);
    node("Gather", List.of("table", "ids"), "x");
    node("MatMul", List.of("x", "weight"), "product");
    constant("shape", 1);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName("rank2")
            .setDataType(7)
            .addDims(2)
            .setRawData(
                ByteString.copyFrom(
                    ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(-1)
                        .putLong(96)
                        .flip())));
    node("Reshape", List.of("product", "rank2"), "flat");
    node(
        "Gemm",
        List.of("flat", "transposed", "bias"),
        "y",
        AttributeProto.newBuilder()
            .setName("transB")
            .setI(1)
            .setType(AttributeProto.AttributeType.INT)
            .build());
    graph.addOutput(info("y", "rows", 40));
    return save("from");
  }

  private static float[] run(Path file) throws OrtException {
    try (OnnxSession session = OnnxSession.open(file, SessionSettings.DEFAULT);
        OnnxTensor ids = session.longs("ids", new long[] {3, 1, 49, 0, 7, 7, 20}, 1, ROWS);
        OrtSession.Result result = session.run(Map.of("ids", ids), Set.of("y"))) {
      return floats(result);
    }
  }

  private static float[] run(Path file, float[] input, long... shape) throws OrtException {
    try (OnnxSession session = OnnxSession.open(file, SessionSettings.DEFAULT);
        OnnxTensor x = session.floats("x", FloatBuffer.wrap(input), shape);
        OrtSession.Result result = session.run(Map.of("x", x), Set.of("y"))) {
      return floats(result);
    }
  }

  private static float[] floats(OrtSession.Result result) {
    FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
    float[] floats = new float[values.remaining()];
    values.get(floats);
    return floats;
  }

  private void constant(String name, long... shape) {
    int size = 1;
    for (long axis : shape) {
      size *= (int) axis;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    constant(name, values, shape);
  }

  private void constant(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(1)
            .setRawData(ByteString.copyFrom(bytes));
    for (long axis : shape) {
      tensor.addDims(axis);
    }
    graph.addInitializer(tensor);
  }

  private void node(String type, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  private static ValueInfoProto info(String name, Object... axes) {
    return ValueInfoProto.newBuilder().setName(name).setType(type(1, List.of(axes))).build();
  }

  private static TypeProto type(int element, List<Object> axes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object axis : axes) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          axis instanceof Number size
              ? dimension.setDimValue(size.longValue())
              : dimension.setDimParam(axis.toString()));
    }
    return TypeProto.newBuilder()
        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(element).setShape(shape))
        .build();
  }

  private Path save(String name) throws IOException {
    return save(name, graph.build());
  }

  private Path save(String name, GraphProto graph) throws IOException {
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(10)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(21))
            .setGraph(graph)
            .build();
    return Files.write(folder.resolve(name + ".onnx"), model.toByteArray());
  }

  /** The same graph with its weights in a file. */
  private Path withExternalData(Path inside) throws IOException {
    Path file = folder.resolve("outside.onnx_data");
    GraphProto.Builder moved = OnnxModel.read(inside).proto().getGraph().toBuilder();
    try (WeightFile weights = new WeightFile(file)) {
      for (int i = 0; i < moved.getInitializerCount(); i++) {
        TensorProto tensor = moved.getInitializer(i);
        moved.setInitializer(
            i,
            weights.store(
                tensor.getName(),
                tensor.getDataType(),
                tensor.getDimsList(),
                List.of(tensor.getRawData().asReadOnlyByteBuffer())));
      }
    }
    return save("outside", moved.build());
  }

  private static Path data(Path graph) {
    return graph.resolveSibling(graph.getFileName() + "_data");
  }
}
