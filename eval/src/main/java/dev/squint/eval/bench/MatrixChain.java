package dev.squint.eval.bench;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A graph that multiplies rows [S, side] by square matrices of random weights, one after the other.
 * It does nothing else, so its speed is what the machine reaches at most with such products.
 *
 * @param side rows and columns of a matrix
 * @param matrices number of matrices
 */
record MatrixChain(int side, int matrices) {

  static final String INPUT = "rows";

  /** Large enough that starting an operator takes no time beside it. */
  static final MatrixChain LARGE = new MatrixChain(2048, 8);

  private static final int FLOAT = 1;

  /** Operations for a row. Multiplication and addition count as two. */
  double operations() {
    return 2.0 * side * side * matrices;
  }

  /** Writes the graph with weights of 32-bit floats. */
  Path write(Path file) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("chain").addInput(rows(INPUT));
    String last = INPUT;
    Random random = new Random(1);
    for (int i = 0; i < matrices; i++) {
      String next = i == matrices - 1 ? "product" : "product" + i;
      graph.addInitializer(weights("weights" + i, random));
      graph.addNode(
          NodeProto.newBuilder()
              .setName("multiply" + i)
              .setOpType("MatMul")
              .addInput(last)
              .addInput("weights" + i)
              .addOutput(next));
      last = next;
    }
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph.addOutput(rows(last)))
            .build();
    try {
      return Files.write(file, model.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file.getFileName(), e);
    }
  }

  /** Small enough that the products stay near the size of their input. */
  private TensorProto weights(String name, Random random) {
    ByteBuffer values =
        ByteBuffer.allocate(side * side * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    float scale = (float) Math.sqrt(3.0 / side);
    while (values.hasRemaining()) {
      values.putFloat(scale * (2 * random.nextFloat() - 1));
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(FLOAT)
        .addDims(side)
        .addDims(side)
        .setRawData(ByteString.copyFrom(values.flip()))
        .build();
  }

  private ValueInfoProto rows(String name) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("count"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(side))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape)))
        .build();
  }
}
