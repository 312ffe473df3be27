package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.OptionalLong;

/** A graph in which one input has no rows, so that it needs no value. */
final class EmptyInput {

  private EmptyInput() {}

  /**
   * Replaces an input of the shape [N, D] by a constant of the shape [0, D].
   *
   * @throws IllegalArgumentException if there is no such input, or no declaration says D
   */
  static GraphProto of(GraphProto graph, String input) {
    GraphIndex index = new GraphIndex(graph);
    ValueInfoProto declared = index.inputs().get(input);
    if (declared == null || declared.getType().getTensorType().getShape().getDimCount() != 2) {
      throw new IllegalArgumentException(
          "the graph takes %s; Squint needs an input '%s' of two dimensions"
              .formatted(index.inputs().keySet(), input));
    }
    OptionalLong size = index.size(input, -1);
    for (String output : index.outputs().keySet()) {
      size = size.isPresent() ? size : index.size(output, -1);
    }
    GraphProto.Builder closed = graph.toBuilder().clearInput();
    graph.getInputList().stream()
        .filter(each -> !each.getName().equals(input))
        .forEach(closed::addInput);
    closed.addInitializer(
        TensorProto.newBuilder()
            .setName(input)
            .setDataType(index.elementType(input))
            .addDims(0)
            .addDims(
                size.orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "the graph declares no size of the vectors of '%s'"
                                .formatted(input)))));
    return closed.build();
  }
}
