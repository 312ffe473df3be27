package dev.squint.vision.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import dev.squint.vision.io.DirectBuffers;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes tensors of the types and shapes that the inputs of a graph declare.
 *
 * @param graph name of the graph, for messages
 * @param inputs of the graph by name
 */
record InputTensors(String graph, Map<String, TensorSpec> inputs) {

  OnnxTensor floats(String input, FloatBuffer values, long... shape) {
    TensorSpec spec = spec(input, shape);
    try {
      return switch (spec.type()) {
        case FLOAT -> OnnxTensor.createTensor(OnnxRuntime.environment(), values, shape);
        case FLOAT16 ->
            OnnxTensor.createTensor(
                OnnxRuntime.environment(),
                Fp16Conversions.convertFloatBufferToFp16Buffer(values.duplicate()),
                shape,
                OnnxJavaType.FLOAT16);
        default -> throw wrongType(spec, "floats");
      };
    } catch (OrtException e) {
      throw failed("cannot take " + input, e);
    }
  }

  @Nullable OnnxTensor converted(String input, OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    return spec(input, shape).type() == tensor.getInfo().type
        ? null
        : floats(input, tensor.getFloatBuffer(), shape);
  }

  OnnxTensor longs(String input, long[] values, long... shape) {
    TensorSpec spec = spec(input, shape);
    if (spec.type() != OnnxJavaType.INT64) {
      throw wrongType(spec, "64-bit integers");
    }
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), LongBuffer.wrap(values), shape);
    } catch (OrtException e) {
      throw failed("cannot take " + input, e);
    }
  }

  OnnxTensor mask(String input, long[] shape, IntPredicate isOne) {
    TensorSpec spec = spec(input, shape);
    int elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, Math.toIntExact(size));
    }
    ByteBuffer values = DirectBuffers.bytes((long) elements * spec.type().size);
    for (int element = 0; element < elements; element++) {
      int value = isOne.test(element) ? 1 : 0;
      switch (spec.type()) {
        case BOOL -> values.put((byte) value);
        case INT64 -> values.putLong(value);
        default -> throw wrongType(spec, "a mask");
      }
    }
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), values.flip(), shape, spec.type());
    } catch (OrtException e) {
      throw failed("cannot take " + input, e);
    }
  }

  OnnxTensor zeros(String input) {
    TensorSpec spec = spec(input);
    long[] shape =
        spec.axes().stream().mapToLong(axis -> axis.isFixed() ? axis.size() : 1).toArray();
    long bytes = spec.type().size * LongStream.of(shape).reduce(1, Math::multiplyExact);
    ByteBuffer zeros = DirectBuffers.bytes(bytes);
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), zeros, shape, spec.type());
    } catch (OrtException e) {
      throw failed("cannot take " + input, e);
    }
  }

  private TensorSpec spec(String input) {
    TensorSpec spec = inputs.get(input);
    if (spec == null) {
      throw new IllegalArgumentException(
          "%s has no input '%s'; it has %s".formatted(graph, input, inputs.values()));
    }
    return spec;
  }

  private TensorSpec spec(String input, long[] shape) {
    TensorSpec spec = spec(input);
    boolean fits = shape.length == spec.rank();
    for (int i = 0; fits && i < shape.length; i++) {
      fits = !spec.axes().get(i).isFixed() || spec.axes().get(i).size() == shape[i];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%s takes %s but was given %s".formatted(graph, spec, Arrays.toString(shape)));
    }
    return spec;
  }

  private IllegalArgumentException wrongType(TensorSpec spec, String given) {
    return new IllegalArgumentException("%s takes %s, not %s".formatted(graph, spec, given));
  }

  private IllegalStateException failed(String what, OrtException e) {
    return new IllegalStateException("%s %s: %s".formatted(graph, what, e.getMessage()), e);
  }
}
