package dev.squint.vision.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.nio.LongBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Copies tensors into longer ones, in ONNX Runtime's memory: freed when they are closed, not when
 * the garbage collector finds them. A graph of one {@code Concat} does it. Thread-safe.
 */
public final class TensorRoom {

  private static final int OPSET = 17;
  private static final int IR_VERSION = 8;
  private static final int RANK = 4;
  private static final int AXIS = 2;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int FLOAT16 = 10;
  private static final Map<OnnxJavaType, OrtSession> SESSIONS = new EnumMap<>(OnnxJavaType.class);

  private TensorRoom() {}

  /**
   * A copy with room at the end of the third axis.
   *
   * @param tensor of 32-bit or 16-bit floats, [B, H, N, d]; stays the caller's
   * @param rows how many rows of zeros follow the N rows
   * @return [B, H, N + rows, d]; the caller closes it, which frees the tensor
   * @throws IllegalArgumentException if the tensor has other values or another rank
   */
  public static OrtSession.Result added(OnnxTensor tensor, int rows) {
    long[] shape = tensor.getInfo().getShape();
    if (shape.length != RANK) {
      throw new IllegalArgumentException(
          "the tensor must be [B, H, N, d] but has %d axes".formatted(shape.length));
    }
    shape[AXIS] = rows;
    try (OnnxTensor room =
        OnnxTensor.createTensor(
            OnnxRuntime.environment(), LongBuffer.wrap(shape), new long[] {RANK})) {
      return session(tensor.getInfo().type).run(Map.of("rows", tensor, "room", room));
    } catch (OrtException e) {
      throw new IllegalStateException("cannot copy a tensor: " + e.getMessage(), e);
    }
  }

  private static OrtSession session(OnnxJavaType type) throws OrtException {
    synchronized (SESSIONS) {
      OrtSession session = SESSIONS.get(type);
      if (session == null) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
          options.setIntraOpNumThreads(1);
          session = OnnxRuntime.environment().createSession(graph(type), options);
        }
        SESSIONS.put(type, session);
      }
      return session;
    }
  }

  private static byte[] graph(OnnxJavaType type) {
    int number =
        switch (type) {
          case FLOAT -> FLOAT;
          case FLOAT16 -> FLOAT16;
          default -> throw new IllegalArgumentException("the tensor holds no floats but " + type);
        };
    TensorProto zero =
        TensorProto.newBuilder()
            .addDims(1)
            .setDataType(number)
            .setRawData(ByteString.copyFrom(new byte[type.size]))
            .build();
    AttributeProto fill =
        AttributeProto.newBuilder()
            .setName("value")
            .setT(zero)
            .setType(AttributeProto.AttributeType.TENSOR)
            .build();
    AttributeProto axis =
        AttributeProto.newBuilder()
            .setName("axis")
            .setI(AXIS)
            .setType(AttributeProto.AttributeType.INT)
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(
            GraphProto.newBuilder()
                .setName("room")
                .addInput(value("rows", number, RANK))
                .addInput(value("room", INT64, 1))
                .addOutput(value("longer", number, RANK))
                .addNode(node("ConstantOfShape", fill, "zeros", "room"))
                .addNode(node("Concat", axis, "longer", "rows", "zeros")))
        .build()
        .toByteArray();
  }

  private static NodeProto node(
      String type, AttributeProto attribute, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setName(output)
        .setOpType(type)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .addAttribute(attribute)
        .build();
  }

  private static ValueInfoProto value(String name, int type, int rank) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int axis = 0; axis < rank; axis++) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(name + axis));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
