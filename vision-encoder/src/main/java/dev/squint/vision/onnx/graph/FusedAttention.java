package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replaces the attention of a decoder that is built from single operators by {@code
 * GroupQueryAttention}. The operator writes new keys and values behind the cached ones ({@link
 * CacheInPlace}), where a Concat copies the cache in every step, and it makes no matrix of all
 * pairs of tokens.
 *
 * <p>Only what every exporter writes alike is found by its operators: the queries, the Concat of
 * the cache, and the heads side by side. What lies between, such as scaling, masks and repeated key
 * heads, is compared by its values ({@link FusionCheck}). A graph is changed in all layers or in
 * none.
 */
final class FusedAttention {

  private static final List<Long> HEADS_INSIDE = List.of(0L, 2L, 1L, 3L);

  private final GraphIndex index;
  private final GraphEditor editor;
  private final Map<Integer, NodeProto> replaced = new HashMap<>();
  private final Set<Integer> removed = new HashSet<>();

  private FusedAttention(GraphIndex index) {
    this.index = index;
    this.editor = new GraphEditor(index.graph(), "squint/fused/");
  }

  /**
   * Compares the attention of all layers with the operator's.
   *
   * @return the factor of the scores of each layer
   * @throws IllegalArgumentException if the attention of a layer is another one than the
   *     operator's, or cannot be compared with it; the message says why
   */
  static List<Float> scales(OnnxModel model) {
    GraphIndex index = RewrittenGraph.index(model);
    checkMask(index);
    Layers layers = Layers.find(index, GraphKind.DECODER);
    List<FusedLayer> found = found(index, layers);
    FusionCheck check = new FusionCheck(model, index, layers);
    List<Float> scales = found.stream().map(check::scale).toList();
    OnnxModel fused = replaced(model, index, found, scales);
    checkInPlace(new GraphIndex(fused.graph()), found);
    check.compare(fused, found);
    return scales;
  }

  /**
   * Replaces the attention of all layers.
   *
   * @param scales of this model
   */
  static OnnxModel of(OnnxModel model, List<Float> scales) {
    GraphIndex index = RewrittenGraph.index(model);
    List<FusedLayer> found = found(index, Layers.find(index, GraphKind.DECODER));
    return replaced(model, index, found, scales);
  }

  private static List<FusedLayer> found(GraphIndex index, Layers layers) {
    List<FusedLayer> found = new ArrayList<>();
    for (AttentionSite site : layers.sites()) {
      found.add(FusedLayer.of(index, site, found.size()));
    }
    return found;
  }

  private static OnnxModel replaced(
      OnnxModel model, GraphIndex index, List<FusedLayer> layers, List<Float> scales) {
    FusedAttention fused = new FusedAttention(index);
    List<String> lengths = fused.lengths();
    for (FusedLayer layer : layers) {
      fused.replace(layer, scales.get(layer.layer()), lengths);
    }
    return new OnnxModel(model.file(), fused.model(model));
  }

  private static void checkMask(GraphIndex index) {
    ValueInfoProto mask = index.inputs().get(GraphRewriter.MASK);
    if (mask == null
        || mask.getType().getTensorType().getElemType() != GraphEditor.INT64
        || mask.getType().getTensorType().getShape().getDimCount() != 2) {
      throw new IllegalArgumentException(
          "it has no input '%s' [B, T] of whole numbers".formatted(GraphRewriter.MASK));
    }
  }

  /** For each row of the batch its tokens but one, [B], and the columns of the mask. */
  private List<String> lengths() {
    // Operators of sums take their axes differently in each opset.
    String tokens =
        editor.add("Einsum", List.of(GraphRewriter.MASK), Nodes.attribute("equation", "bt->b"));
    String butOne = editor.add("Sub", List.of(tokens, editor.scalar(1L)));
    String shape = editor.add("Shape", List.of(GraphRewriter.MASK));
    String columns = editor.add("Gather", List.of(shape, editor.scalar(1L)));
    return List.of(ints(butOne), ints(columns));
  }

  private String ints(String tensor) {
    return editor.add("Cast", List.of(tensor), Nodes.attribute("to", GraphEditor.INT32));
  }

  private void replace(FusedLayer layer, float scale, List<String> lengths) {
    NodeProto keys = index.node(layer.keys());
    NodeProto values = index.node(layer.values());
    List<String> inputs = new ArrayList<>();
    inputs.add(sideBySide(layer.queries(index)));
    inputs.add(sideBySide(layer.newKeys(index)));
    inputs.add(sideBySide(layer.newValues(index)));
    inputs.add(keys.getInput(0));
    inputs.add(values.getInput(0));
    inputs.addAll(lengths);
    removed.add(layer.keys());
    removed.add(layer.values());
    replaced.put(
        layer.output(),
        NodeProto.newBuilder()
            .setName(index.node(layer.output()).getName())
            .setDomain(Nodes.MICROSOFT)
            .setOpType("GroupQueryAttention")
            .addAllInput(inputs)
            .addOutput(layer.attended(index))
            .addOutput(keys.getOutput(0))
            .addOutput(values.getOutput(0))
            .addAttribute(Nodes.attribute("num_heads", layer.heads()))
            .addAttribute(Nodes.attribute("kv_num_heads", layer.keyHeads()))
            .addAttribute(Nodes.attribute("scale", scale))
            .build());
  }

  /** Converts [B, heads, S, d] to [B, S, heads * d]. */
  private String sideBySide(String tensor) {
    String inside = editor.add("Transpose", List.of(tensor), Nodes.attribute("perm", HEADS_INSIDE));
    return editor.add("Reshape", List.of(inside, editor.longs(0, 0, -1)));
  }

  private ModelProto model(OnnxModel model) {
    GraphProto added = editor.build();
    GraphProto.Builder changed = added.toBuilder().clearNode();
    for (int i = 0; i < added.getNodeCount(); i++) {
      if (!removed.contains(i)) {
        changed.addNode(replaced.getOrDefault(i, added.getNode(i)));
      }
    }
    var proto = model.proto().toBuilder().setGraph(used(changed.build()));
    if (proto.getOpsetImportList().stream()
        .noneMatch(each -> each.getDomain().equals(Nodes.MICROSOFT))) {
      proto.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(Nodes.MICROSOFT).setVersion(1));
    }
    return proto.build();
  }

  /** The graph without the nodes that no output needs, in topological order. */
  private static GraphProto used(GraphProto graph) {
    GraphIndex index = new GraphIndex(graph);
    Set<String> needed = new HashSet<>(index.outputs().keySet());
    List<NodeProto> nodes = new ArrayList<>();
    for (int i = index.order().size() - 1; i >= 0; i--) {
      int number = index.order().get(i);
      if (index.node(number).getOutputList().stream().anyMatch(needed::contains)) {
        needed.addAll(index.reads(number));
        nodes.add(index.node(number));
      }
    }
    Collections.reverse(nodes);
    return graph.toBuilder().clearNode().addAllNode(nodes).build();
  }

  /** If another node saw the cache, tensors longer than their tokens could not be given. */
  private static void checkInPlace(GraphIndex index, List<FusedLayer> layers) {
    for (NodeProto node : index.graph().getNodeList()) {
      if (CacheInPlace.WITH_GRAPHS.contains(node.getOpType())) {
        throw new IllegalArgumentException(
            "it has %s, whose graphs may read the cache".formatted(Nodes.describe(node)));
      }
    }
    for (FusedLayer layer : layers) {
      for (String kind : List.of("key", "value")) {
        String past = "past_key_values.%d.%s".formatted(layer.layer(), kind);
        String present = "present.%d.%s".formatted(layer.layer(), kind);
        if (index.consumers(past).size() != 1 || !index.consumers(present).isEmpty()) {
          throw new IllegalArgumentException(
              "'%s' is read by other nodes than the attention of the layer"
                  .formatted(index.consumers(past).size() == 1 ? present : past));
        }
      }
    }
  }
}
