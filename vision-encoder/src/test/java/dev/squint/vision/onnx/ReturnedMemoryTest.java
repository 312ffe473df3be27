package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A graph that sums a matrix of 64 MB, which it computes from a column and a row of ones. */
class ReturnedMemoryTest {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int SIDE = 4096;
  private static final long MATRIX_KILOBYTES = (long) SIDE * SIDE * Float.BYTES / 1024;

  @TempDir Path folder;

  @Test
  void memoryOfARunIsKept_untilARunReturnsIt() throws IOException {
    assumeThat(STATUS).exists();
    try (OnnxSession session = open(SessionSettings.DEFAULT.withThreads(1))) {
      // ONNX Runtime never returns the first piece of its arena, which is small in other graphs
      // too.
      assertThat(sum(session, 8, false)).isEqualTo(64);
      long before = residentKilobytes();
      assertThat(sum(session, SIDE, false)).isEqualTo((float) SIDE * SIDE);
      assertThat(residentKilobytes() - before).isGreaterThan(MATRIX_KILOBYTES * 3 / 4);

      assertThat(sum(session, SIDE, true)).isEqualTo((float) SIDE * SIDE);
      assertThat(residentKilobytes() - before).isLessThan(MATRIX_KILOBYTES / 4);

      assertThat(sum(session, SIDE, false)).isEqualTo((float) SIDE * SIDE);
    }
  }

  @Test
  void sessionsWithoutAnArena_haveNothingToReturn() throws IOException {
    try (OnnxSession session = open(SessionSettings.DEFAULT.withThreads(1).withArena(false))) {
      assertThat(sum(session, SIDE, true)).isEqualTo((float) SIDE * SIDE);
    }
  }

  private static float sum(OnnxSession session, int side, boolean returnMemory) {
    float[] ones = new float[side];
    Arrays.fill(ones, 1);
    try (OnnxTensor column = session.floats("column", FloatBuffer.wrap(ones), side, 1);
        OnnxTensor row = session.floats("row", FloatBuffer.wrap(ones), 1, side)) {
      Map<String, OnnxTensor> inputs = Map.of("column", column, "row", row);
      Set<String> wanted = Set.of("sum");
      try (OrtSession.Result result =
          returnMemory ? session.runAndReturnMemory(inputs, wanted) : session.run(inputs, wanted)) {
        return ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
      }
    }
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private OnnxSession open(SessionSettings settings) throws IOException {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("sum")
            .addInput(matrix("column"))
            .addInput(matrix("row"))
            .addOutput(matrix("sum"))
            .addNode(node("MatMul", "product", "column", "row"))
            .addNode(node("ReduceSum", "sum", "product"))
            .build();
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    return OnnxSession.open(Files.write(folder.resolve("sum.onnx"), model.toByteArray()), settings);
  }

  private static NodeProto node(String type, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static ValueInfoProto matrix(String name) {
    TensorShapeProto.Dimension open =
        TensorShapeProto.Dimension.newBuilder().setDimParam(name + "_size").build();
    TypeProto.Tensor type =
        TypeProto.Tensor.newBuilder()
            .setElemType(1)
            .setShape(TensorShapeProto.newBuilder().addDim(open).addDim(open))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }
}
