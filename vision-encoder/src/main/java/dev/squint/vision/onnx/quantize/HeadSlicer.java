package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.HeadProjections;
import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes a decoder some of whose heads return nothing: their queries are not computed and what they
 * would return is not projected. Their columns and rows are cut out of the two matrices. The
 * attention operator keeps its number of heads, whichever it is, and is given the queries of the
 * first remaining head of the layer in their place.
 */
public final class HeadSlicer {

  private static final int INT64 = 7;
  private static final String PREFIX = "squint/heads/";

  private final StoredTensors stored;
  private final WeightFile file;
  private final Map<String, NodeProto> makers = new HashMap<>();
  private final List<TensorProto> constants = new ArrayList<>();
  private final Map<String, List<NodeProto>> replaced = new HashMap<>();

  private HeadSlicer(GraphProto graph, StoredTensors stored, WeightFile file) {
    this.stored = stored;
    this.file = file;
    graph.getNodeList().forEach(node -> node.getOutputList().forEach(o -> makers.put(o, node)));
  }

  /**
   * Writes the graph, with its weights in {@code TO_data} beside it.
   *
   * @param from a decoder whose weights are 32-bit floats
   * @param to the new graph, which does not exist
   * @param inactive for each layer the heads that return nothing
   * @throws IllegalArgumentException if the layers or heads are not the decoder's, a layer would
   *     have no head, or its projections follow no known pattern; the message names the node
   * @throws UncheckedIOException if the graph cannot be written
   */
  public static void write(Path from, Path to, List<Set<Integer>> inactive) {
    List<HeadProjections> layers = check(from, inactive);
    ModelProto model = OnnxModel.read(from).proto();
    StoredTensors stored =
        StoredTensors.of(
            model.getGraph(), Objects.requireNonNull(from.toAbsolutePath().getParent()));
    try (WeightFile file = new WeightFile(to.resolveSibling(to.getFileName() + "_data"))) {
      HeadSlicer slicer = new HeadSlicer(model.getGraph(), stored, file);
      for (int layer = 0; layer < layers.size(); layer++) {
        if (!inactive.get(layer).isEmpty()) {
          slicer.slice(layer, layers.get(layer), inactive.get(layer));
        }
      }
      GraphProto sliced = slicer.graph(model.getGraph());
      try (OutputStream out = Files.newOutputStream(to)) {
        model.toBuilder().setGraph(sliced).build().writeTo(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + to, e);
    }
  }

  /**
   * Checks without writing that heads of a decoder can be cut out.
   *
   * @return the projections of each layer
   * @throws IllegalArgumentException as {@link #write}
   */
  public static List<HeadProjections> check(Path from, List<Set<Integer>> inactive) {
    List<HeadProjections> layers = HeadProjections.of(from);
    if (layers.size() != inactive.size()) {
      throw new IllegalArgumentException(
          "the decoder has %d layers but heads of %d are named"
              .formatted(layers.size(), inactive.size()));
    }
    for (int layer = 0; layer < layers.size(); layer++) {
      int heads = layers.get(layer).heads();
      Set<Integer> gone = inactive.get(layer);
      if (gone.size() >= heads || gone.stream().anyMatch(head -> head < 0 || head >= heads)) {
        throw new IllegalArgumentException(
            "layer %d has heads 0 to %d and must keep one, but %s are to go"
                .formatted(layer, heads - 1, gone));
      }
    }
    return layers;
  }

  private void slice(int layer, HeadProjections layout, Set<Integer> inactive) throws IOException {
    int size = layout.headSize();
    int width = layout.heads() * size;
    NodeProto queries = Objects.requireNonNull(makers.get(layout.queries()));
    WeightMatrix projection = matrix(queries);
    int[] columns =
        IntStream.range(0, projection.columns())
            .filter(column -> column >= width || !inactive.contains(column / size))
            .toArray();
    int[] rows = IntStream.range(0, width).filter(row -> !inactive.contains(row / size)).toArray();
    String few = PREFIX + layer + "/queries";
    NodeProto sliced =
        product(queries, queries.getInput(0), few, matrix(few, columns(projection, columns)));
    replaced.put(
        layout.queries(),
        List.of(
            sliced, gather(few, places(columns, projection.columns(), size), layout.queries())));
    NodeProto output = Objects.requireNonNull(makers.get(layout.output()));
    String left = PREFIX + layer + "/output";
    replaced.put(
        layout.output(),
        List.of(
            gather(output.getInput(0), rows, left),
            product(output, left, layout.output(), matrix(left, rows(matrix(output), rows)))));
  }

  /**
   * Where each column is among those that are left. The columns of a missing head are those of the
   * first head that is left, which come first.
   */
  private static int[] places(int[] left, int count, int size) {
    int[] places = IntStream.range(0, count).map(column -> column % size).toArray();
    for (int i = 0; i < left.length; i++) {
      places[left[i]] = i;
    }
    return places;
  }

  private WeightMatrix matrix(NodeProto product) throws IOException {
    return stored
        .matrix(product.getInput(1))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the weights of '%s' are no matrix of 32-bit floats; slice the fp32 form of the decoder"
                        .formatted(product.getName())));
  }

  private static float[][] columns(WeightMatrix matrix, int[] columns) {
    float[][] sliced = new float[matrix.rows()][columns.length];
    float[] row = new float[matrix.columns()];
    for (int r = 0; r < sliced.length; r++) {
      matrix.row(r, row);
      for (int c = 0; c < columns.length; c++) {
        sliced[r][c] = row[columns[c]];
      }
    }
    return sliced;
  }

  private static float[][] rows(WeightMatrix matrix, int[] rows) {
    float[][] sliced = new float[rows.length][matrix.columns()];
    for (int r = 0; r < rows.length; r++) {
      matrix.row(rows[r], sliced[r]);
    }
    return sliced;
  }

  private String matrix(String label, float[][] values) throws IOException {
    int columns = values[0].length;
    float[] all = new float[values.length * columns];
    for (int r = 0; r < values.length; r++) {
      System.arraycopy(values[r], 0, all, r * columns, columns);
    }
    String name = label + ".weight";
    constants.add(file.store(name, List.of((long) values.length, (long) columns), all));
    return name;
  }

  private static NodeProto product(NodeProto old, String input, String output, String weights) {
    return old.toBuilder()
        .clearInput()
        .addInput(input)
        .addInput(weights)
        .clearOutput()
        .addOutput(output)
        .build();
  }

  private NodeProto gather(String input, int[] columns, String output) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(columns.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    IntStream.of(columns).forEach(bytes::putLong);
    String name = output + ".columns";
    constants.add(file.store(name, INT64, List.of((long) columns.length), List.of(bytes.flip())));
    return NodeProto.newBuilder()
        .setName(name)
        .setOpType("Gather")
        .addInput(input)
        .addInput(name)
        .addOutput(output)
        .addAttribute(Nodes.attribute("axis", -1))
        .build();
  }

  /** The graph with the replaced nodes; its large constants are in the file. */
  private GraphProto graph(GraphProto graph) throws IOException {
    GraphProto.Builder changed = graph.toBuilder().clearNode().clearInitializer();
    Set<String> read = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      List<NodeProto> now =
          node.getOutputCount() == 0
              ? List.of(node)
              : replaced.getOrDefault(node.getOutput(0), List.of(node));
      changed.addAllNode(now);
      now.forEach(each -> NodeReplacer.addReads(each, read));
    }
    graph.getOutputList().forEach(output -> read.add(output.getName()));
    changed.addAllInitializer(constants);
    for (TensorProto tensor : graph.getInitializerList()) {
      if (read.contains(tensor.getName())) {
        changed.addInitializer(NodeReplacer.copied(tensor, stored, file));
      }
    }
    return changed.build();
  }
}
