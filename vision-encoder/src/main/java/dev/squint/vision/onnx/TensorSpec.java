package dev.squint.vision.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The declaration of a graph's input or output.
 *
 * @param name the name in the graph
 * @param type the element type
 * @param axes one entry for each dimension
 */
public record TensorSpec(String name, OnnxJavaType type, List<Axis> axes) {

  /**
   * Copies the list.
   *
   * @throws NullPointerException if an entry is null
   */
  public TensorSpec {
    axes = List.copyOf(axes);
  }

  /**
   * One dimension.
   *
   * @param size fixed size, or -1 if the size is open until the graph runs
   * @param symbol name of an open size; empty if it has no name
   */
  public record Axis(long size, String symbol) {

    /** Whether the graph allows only one size. */
    public boolean isFixed() {
      return size >= 0;
    }

    @Override
    public String toString() {
      return isFixed() ? Long.toString(size) : symbol.isEmpty() ? "?" : symbol;
    }
  }

  /**
   * Reads the specification of a tensor.
   *
   * @throws IllegalArgumentException if the value is a sequence or a map
   */
  static TensorSpec of(NodeInfo node) {
    if (!(node.getInfo() instanceof TensorInfo tensor)) {
      throw new IllegalArgumentException(
          "%s must be a tensor but is %s".formatted(node.getName(), node.getInfo()));
    }
    long[] shape = tensor.getShape();
    String[] symbols = tensor.getDimensionNames();
    return new TensorSpec(
        node.getName(),
        tensor.type,
        IntStream.range(0, shape.length).mapToObj(i -> new Axis(shape[i], symbols[i])).toList());
  }

  /** Number of dimensions, 0 for a scalar. */
  public int rank() {
    return axes.size();
  }

  /** The size of a dimension if the graph fixes it. Negative dimensions count from the end. */
  public OptionalLong fixed(int axis) {
    Axis found = axes.get(axis < 0 ? axes.size() + axis : axis);
    return found.isFixed() ? OptionalLong.of(found.size()) : OptionalLong.empty();
  }

  /** For example {@code pixel_values FLOAT [batch_size, 3, 336, 336]}. */
  @Override
  public String toString() {
    return "%s %s [%s]"
        .formatted(name, type, axes.stream().map(Axis::toString).collect(Collectors.joining(", ")));
  }
}
