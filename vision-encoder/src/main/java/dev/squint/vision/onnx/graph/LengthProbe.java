package dev.squint.vision.onnx.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes tensors of a decoder that depend on the numbers of cached and new tokens, not on their
 * contents: positions, cosines and sines, masks. Tensors that depend on more can be given.
 */
final class LengthProbe implements AutoCloseable {

  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
  private final OrtSession session;

  /**
   * A computed tensor.
   *
   * @param elementType as ONNX numbers it
   * @param shape its sizes
   * @param values in row-major order
   */
  record Computed(int elementType, long[] shape, double[] values) {

    /** Half precision rounds cosines and sines to about 5e-4. */
    private static final double ROUNDING = 1e-3;

    /** Whether two have the same shape and values up to rounding. */
    boolean equalTo(Computed other) {
      boolean equal = Arrays.equals(shape, other.shape);
      for (int i = 0; i < values.length && equal; i++) {
        equal = Math.abs(values[i] - other.values[i]) <= ROUNDING;
      }
      return equal;
    }

    /** Whether there is an axis along which these are rows of another one. */
    boolean hasRowsOf(Computed other, long... rows) {
      for (int axis = 0; axis < shape.length; axis++) {
        long[] longer = shape.clone();
        longer[axis] = axis < other.shape.length ? other.shape[axis] : -1;
        if (shape[axis] == rows.length
            && Arrays.equals(longer, other.shape)
            && hasRowsOf(other, axis, rows)) {
          return true;
        }
      }
      return false;
    }

    private boolean hasRowsOf(Computed other, int axis, long... rows) {
      int inner = 1;
      for (int i = axis + 1; i < shape.length; i++) {
        inner *= Math.toIntExact(shape[i]);
      }
      int all = Math.toIntExact(other.shape[axis]);
      boolean equal = true;
      for (int i = 0; i < values.length && equal; i++) {
        int row = Math.toIntExact(rows[i / inner % rows.length]);
        int before = i / inner / rows.length;
        int at = (before * all + row) * inner + i % inner;
        equal = Math.abs(values[i] - other.values[at]) <= ROUNDING;
      }
      return equal;
    }
  }

  /**
   * Prepares to compute tensors of lengths alone.
   *
   * @param model the versions of operators, and the folder of weights in separate files
   * @param index the graph
   * @param hidden tensors that depend on the contents of tokens; only their shapes may be read
   * @param tensors what to compute
   * @throws IllegalArgumentException if a tensor depends on the contents of tokens, or the graph
   *     has inputs that are not known
   */
  LengthProbe(OnnxModel model, GraphIndex index, HiddenTensors hidden, Collection<String> tensors) {
    this(model, index, hidden, tensors, Set.of());
  }

  /**
   * Prepares to compute tensors of lengths and of some tensors of float, which are given instead of
   * computed.
   *
   * @param given names of the tensors that are given
   * @throws IllegalArgumentException as above
   */
  LengthProbe(
      OnnxModel model,
      GraphIndex index,
      HiddenTensors hidden,
      Collection<String> tensors,
      Set<String> given) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("lengths");
    Set<String> needed = new HashSet<>(tensors);
    List<NodeProto> nodes = new ArrayList<>();
    List<Integer> order = index.order();
    for (int i = order.size() - 1; i >= 0; i--) {
      NodeProto node = index.node(order.get(i));
      if (node.getOutputList().stream()
          .anyMatch(it -> needed.contains(it) && !given.contains(it))) {
        NodeProto shaped = hidden.shaped(node);
        needed.addAll(Nodes.reads(shaped));
        nodes.add(shaped);
      }
    }
    Collections.reverse(nodes);
    given.forEach(name -> graph.addInput(GraphEditor.tensor(name, GraphEditor.FLOAT)));
    for (ValueInfoProto input : index.inputs().values()) {
      if (needed.contains(input.getName())) {
        graph.addInput(input);
        inputs.put(input.getName(), input);
      }
    }
    for (TensorProto tensor : index.graph().getInitializerList()) {
      if (needed.contains(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
    tensors.forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    session = open(model, graph.addAllNode(nodes).build());
  }

  private static OrtSession open(OnnxModel model, GraphProto graph) {
    ModelProto small = model.proto().toBuilder().setGraph(graph).build();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL); // Errors are thrown.
      Path folder = model.file().toAbsolutePath().getParent();
      if (folder != null) {
        options.addConfigEntry(OnnxRuntime.WEIGHTS_FOLDER, folder.toString());
      }
      return OnnxRuntime.environment().createSession(small.toByteArray(), options);
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "it has tensors that cannot be computed alone: " + e.getMessage(), e);
    }
  }

  /** The inputs of the graph that the tensors depend on, by their values or shapes. */
  Set<String> inputs() {
    return inputs.keySet();
  }

  /**
   * Computes the tensors.
   *
   * @param past number of cached tokens
   * @param positions of the new tokens, for graphs that take them; their number counts in any case
   * @return by name
   */
  Map<String, Computed> run(int past, long... positions) {
    return run(1, Map.of(), past, positions);
  }

  /**
   * Computes the tensors.
   *
   * @param batch number of sequences
   * @param given tensors that are given, and inputs that are not zero
   * @param past number of cached tokens
   * @param positions of the new tokens
   * @return by name
   */
  Map<String, Computed> run(int batch, Map<String, OnnxTensor> given, int past, long... positions) {
    Map<String, OnnxTensor> all = new HashMap<>(given);
    List<OnnxTensor> own = new ArrayList<>();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      for (ValueInfoProto input : inputs.values()) {
        if (!given.containsKey(input.getName())) {
          own.add(tensor(input, batch, past, positions));
          all.put(input.getName(), own.get(own.size() - 1));
        }
      }
      all.keySet().retainAll(session.getInputNames());
      try (OrtSession.Result result = session.run(all, session.getOutputNames(), options)) {
        Map<String, Computed> computed = new HashMap<>();
        for (Map.Entry<String, OnnxValue> entry : result) {
          computed.put(entry.getKey(), computed((OnnxTensor) entry.getValue()));
        }
        return computed;
      }
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "it has tensors that cannot be computed alone: " + e.getMessage(), e);
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  private static Computed computed(OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    int count = Math.toIntExact(tensor.getInfo().getNumElements());
    double[] values = new double[count];
    switch (tensor.getInfo().type) {
      case FLOAT, FLOAT16 -> {
        var floats = tensor.getFloatBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = floats.get(i);
        }
      }
      case DOUBLE -> tensor.getDoubleBuffer().get(values);
      case INT64 -> {
        var longs = tensor.getLongBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = longs.get(i);
        }
      }
      case INT32 -> {
        var ints = tensor.getIntBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = ints.get(i);
        }
      }
      default -> {
        var bytes = tensor.getByteBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = bytes.get(i);
        }
      }
    }
    return new Computed(elementType(tensor.getInfo().type), shape, values);
  }

  private static int elementType(OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> 1;
      case INT32 -> 6;
      case INT64 -> 7;
      case BOOL -> 9;
      case FLOAT16 -> 10;
      case DOUBLE -> 11;
      default -> 0;
    };
  }

  private static OnnxTensor tensor(ValueInfoProto input, int batch, int past, long... positions)
      throws OrtException {
    TensorShapeProto declared = input.getType().getTensorType().getShape();
    String name = input.getName();
    long tokens = positions.length;
    long[] shape = new long[declared.getDimCount()];
    for (int i = 0; i < shape.length; i++) {
      // Positions may have an axis of time, height and width before the batch.
      boolean first = i == (name.equals(GraphRewriter.POSITIONS) ? shape.length - 2 : 0);
      long open = first ? batch : open(name, past, tokens);
      shape[i] = declared.getDim(i).hasDimValue() ? declared.getDim(i).getDimValue() : open;
    }
    OnnxJavaType type = type(input);
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    ByteBuffer bytes = ByteBuffer.allocateDirect(count * type.size).order(ByteOrder.nativeOrder());
    if (name.equals(GraphRewriter.POSITIONS)) {
      for (int i = 0; i < count; i++) {
        put(bytes, type, i, Math.toIntExact(positions[i % positions.length]));
      }
    } else if (name.equals(GraphRewriter.MASK)) {
      for (int i = 0; i < count; i++) {
        put(bytes, type, i, 1);
      }
    }
    return OnnxTensor.createTensor(OnnxRuntime.environment(), bytes, shape, type);
  }

  private static long open(String name, int past, long tokens) {
    if (name.startsWith("past")) {
      return past;
    }
    return name.equals(GraphRewriter.MASK) ? past + tokens : tokens;
  }

  private static void put(ByteBuffer bytes, OnnxJavaType type, int at, int value) {
    switch (type) {
      case INT64 -> bytes.putLong(at * Long.BYTES, value);
      case INT32 -> bytes.putInt(at * Integer.BYTES, value);
      case FLOAT -> bytes.putFloat(at * Float.BYTES, value);
      default -> bytes.put(at * type.size, (byte) value);
    }
  }

  private static OnnxJavaType type(ValueInfoProto input) {
    return switch (input.getType().getTensorType().getElemType()) {
      case 1 -> OnnxJavaType.FLOAT;
      case 6 -> OnnxJavaType.INT32;
      case 7 -> OnnxJavaType.INT64;
      case 9 -> OnnxJavaType.BOOL;
      case 10 -> OnnxJavaType.FLOAT16;
      default ->
          throw new IllegalArgumentException(
              "it has the input '%s' of a type that inputs of decoders do not have"
                  .formatted(input.getName()));
    };
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("cannot close a graph of positions: " + e.getMessage(), e);
    }
  }
}
