package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Prepares an encoder's graph for a cut before its first layer ({@link CutPlan#EMBEDDINGS}), so
 * that the layers can run on some of a tile's patches.
 *
 * <p>Masks are dropped, because all patches that are given are attended to. Constants that hold the
 * number of patches are replaced by the number that is given. A graph whose layers mix neighbouring
 * patches, as convolutional encoders do, is refused.
 */
final class EmbeddingCut {

  /** Operators that read the neighbours of a patch, so that a missing one changes its value. */
  private static final Set<String> MIXING =
      Set.of(
          "Conv",
          "ConvInteger",
          "QLinearConv",
          "FusedConv",
          "NhwcFusedConv",
          "ConvTranspose",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "Resize");

  /** No shape has it. */
  private static final long UNKNOWN = Long.MIN_VALUE;

  private final GraphIndex index;
  private final GraphEditor editor;
  private final Set<String> between;
  private final long rows;
  private final long width;

  private EmbeddingCut(GraphIndex index, GraphEditor editor, Layers layers) {
    this.index = index;
    this.editor = editor;
    this.between = between(index, layers);
    String embeddings = layers.residual(index, CutPlan.EMBEDDINGS);
    this.rows = rows(embeddings).orElse(UNKNOWN);
    this.width = width(index, embeddings);
  }

  /** The tensors from the embeddings to the hidden states after the last layer. */
  static Set<String> between(GraphIndex index, Layers layers) {
    ValueFlow flow = new ValueFlow(index);
    Set<String> between = new HashSet<>(flow.from(layers.residual(index, CutPlan.EMBEDDINGS)));
    between.retainAll(flow.into(layers.residual(index, layers.count() - 1)));
    return between;
  }

  /**
   * Checks that the layers can run on some of the patches.
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  static void check(GraphIndex index, Layers layers) {
    new EmbeddingCut(index, new GraphEditor(index.graph()), layers).checkLocal();
  }

  /**
   * Edits a graph that a plan cuts before its first layer.
   *
   * @throws IllegalArgumentException if the layers cannot run on some of the patches; the message
   *     names the node
   */
  static void prepare(GraphIndex index, GraphEditor editor, Layers layers, CutPlan plan) {
    EmbeddingCut cut = new EmbeddingCut(index, editor, layers);
    cut.checkLocal();
    for (int layer = 0; layer < Math.min(plan.unmaskedFrom(), layers.count()); layer++) {
      if (layers.site(layer).hasMask()) {
        layers.site(layer).dropMask(editor);
      }
    }
    cut.openReshapes();
  }

  private void checkLocal() {
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (MIXING.contains(node.getOpType()) && between.contains(node.getOutput(0))) {
        throw new IllegalArgumentException(
            "it mixes neighbouring patches between its layers (%s), so single patches cannot be left out"
                .formatted(Nodes.describe(node)));
      }
    }
    PatchPositions.checkNone(index, between);
  }

  /**
   * The number of rows that the embeddings have if a constant says so: rows of position embeddings.
   */
  private OptionalLong rows(String embeddings) {
    String tensor = embeddings;
    for (NodeProto maker = index.maker(tensor); maker != null; maker = index.maker(tensor)) {
      OptionalLong declared = index.size(tensor, 1);
      if (declared.isPresent()) {
        return declared;
      }
      if (Nodes.is(maker, "Add")) {
        for (String input : maker.getInputList()) {
          OptionalLong rows = positions(input);
          if (rows.isPresent()) {
            return rows;
          }
        }
      }
      if (!maker.getOpType().endsWith("Normalization") && !Nodes.is(maker, "Cast")) {
        return OptionalLong.empty();
      }
      tensor = maker.getInput(0);
    }
    return OptionalLong.empty();
  }

  /** Rows of a table of position embeddings, [S, D], [1, S, D], or a part chosen by constants. */
  private OptionalLong positions(String tensor) {
    if (index.initializer(tensor) != null) {
      return index.size(tensor, -2);
    }
    NodeProto maker = index.maker(tensor);
    if (maker != null && Nodes.is(maker, "Gather") && index.isConstant(maker.getInput(0))) {
      long[] chosen = longs(maker.getInput(1));
      return chosen.length > 1 ? OptionalLong.of(chosen.length) : OptionalLong.empty();
    }
    return OptionalLong.empty();
  }

  /** Replaces the number of rows in the constant shapes of the layers. */
  private void openReshapes() {
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (Nodes.is(node, "Reshape") && between.contains(node.getOutput(0))) {
        long[] shape = longs(node.getInput(1));
        boolean open = LongStream.of(shape).anyMatch(size -> size == -1);
        if (LongStream.of(shape).anyMatch(size -> size == rows)) {
          shape[rowAxis(node, shape, open)] = open ? 0 : -1;
          editor.replace(number, node.toBuilder().setInput(1, editor.longs(shape)).build());
        }
      }
    }
  }

  /**
   * The axis of the rows in a constant shape. It is the second one, [B, S, ...]. Where another axis
   * is open, the rows are copied from the input, so they must be the second axis there too.
   */
  private int rowAxis(NodeProto reshape, long[] shape, boolean open) {
    NodeProto maker = index.maker(reshape.getInput(0));
    boolean transposed = maker != null && Nodes.is(maker, "Transpose");
    boolean joinsHeads = shape.length == 3 && shape[2] == width;
    if (shape.length < 2 || shape[1] != rows || (open && transposed && !joinsHeads)) {
      throw new IllegalArgumentException(
          "it has the number of patches in the shape of %s at an unknown place, so single patches cannot be left out"
              .formatted(Nodes.describe(reshape)));
    }
    return 1;
  }

  /**
   * Size of the hidden states, D, by the weight of the norm that reads them; 0 if it is unknown.
   */
  private static long width(GraphIndex index, String embeddings) {
    return index.consumers(embeddings).stream()
        .map(index::node)
        .filter(node -> node.getOpType().endsWith("LayerNormalization"))
        .mapToLong(node -> index.size(Nodes.input(node, 1), 0).orElse(0))
        .max()
        .orElse(0);
  }

  /** The values of a constant of 64-bit integers; none if it is no such constant. */
  private long[] longs(String tensor) {
    TensorProto values = index.initializer(tensor);
    NodeProto maker = index.maker(tensor);
    if (values == null && maker != null && Nodes.is(maker, "Constant")) {
      values =
          maker.getAttributeList().stream()
              .filter(attribute -> attribute.hasT())
              .map(attribute -> attribute.getT())
              .findFirst()
              .orElse(null);
    }
    if (values == null || values.getDataType() != GraphEditor.INT64) {
      return new long[0];
    }
    if (values.getInt64DataCount() > 0) {
      return values.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
    }
    var buffer =
        values.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    long[] longs = new long[buffer.remaining()];
    buffer.get(longs);
    return longs;
  }
}
