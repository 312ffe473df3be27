package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attention built from single operators: a {@code MatMul} of queries and keys, scaled and masked, a
 * {@code Softmax}, a {@code MatMul} with the values.
 *
 * @param node number of the Softmax
 * @param scores number of the first MatMul
 * @param values number of the second MatMul
 * @param cached the keys of the new tokens that the KV cache stores, [B, H, S, d]; null in a vision
 *     encoder
 */
record SpelledOutSite(GraphIndex index, int node, int scores, int values, @Nullable String cached)
    implements AttentionSite {

  /**
   * Operators allowed between the product of queries and keys, the Softmax, and the product with
   * the values.
   */
  private static final Set<String> BETWEEN =
      Set.of("Mul", "Div", "Add", "Sub", "Where", "Cast", "Identity", "Dropout", "Tanh", "Clip");

  /** Operators allowed between the keys and their product with the queries. */
  private static final Set<String> ARRANGING =
      Set.of("Transpose", "Reshape", "Unsqueeze", "Squeeze", "Expand", "Cast", "Identity", "Mul");

  /**
   * The attention around a Softmax; null if the Softmax is not between two products.
   *
   * @param cached see {@link SpelledOutSite}
   */
  static @Nullable SpelledOutSite of(GraphIndex index, int softmax, @Nullable String cached) {
    int scores = index.producer(index.node(softmax).getInput(0));
    while (scores >= 0 && BETWEEN.contains(index.node(scores).getOpType())) {
      scores = index.producer(activation(index, index.node(scores)));
    }
    int values = soleReader(index, softmax);
    while (values >= 0 && BETWEEN.contains(index.node(values).getOpType())) {
      values = soleReader(index, values);
    }
    boolean found =
        scores >= 0
            && values >= 0
            && Nodes.is(index.node(scores), "MatMul")
            && Nodes.is(index.node(values), "MatMul")
            && !index.isConstant(index.node(scores).getInput(1));
    return found ? new SpelledOutSite(index, softmax, scores, values, cached) : null;
  }

  /**
   * The attention that reads these keys, the first one where later layers share them; null if they
   * do not lead to one.
   */
  static @Nullable SpelledOutSite reading(GraphIndex index, String keys, String cached) {
    List<Integer> found = new ArrayList<>();
    List<String> open = new ArrayList<>(List.of(keys));
    while (!open.isEmpty()) {
      for (int reader : index.consumers(open.remove(open.size() - 1))) {
        NodeProto node = index.node(reader);
        if (ARRANGING.contains(node.getOpType())) {
          open.add(node.getOutput(0));
        } else if (Nodes.is(node, "MatMul")) {
          int softmax = soleReader(index, reader);
          while (softmax >= 0 && BETWEEN.contains(index.node(softmax).getOpType())) {
            softmax = soleReader(index, softmax);
          }
          if (softmax >= 0 && Nodes.is(index.node(softmax), "Softmax")) {
            found.add(softmax);
          }
        }
      }
    }
    return found.stream()
        .min(Comparator.comparing(softmax -> index.order().indexOf(softmax)))
        .map(softmax -> of(index, softmax, cached))
        .orElse(null);
  }

  /** Of a node that masks or scales: the input that is masked or scaled. */
  private static String activation(GraphIndex index, NodeProto node) {
    int choice = Nodes.is(node, "Where") ? 1 : 0;
    String first = node.getInput(choice);
    if (node.getInputCount() > choice + 1
        && (index.isConstant(first) || !fromProduct(index, first))) {
      return node.getInput(choice + 1);
    }
    return first;
  }

  private static boolean fromProduct(GraphIndex index, String tensor) {
    NodeProto maker = index.maker(tensor);
    if (maker == null) {
      return false;
    }
    return Nodes.is(maker, "MatMul")
        || (BETWEEN.contains(maker.getOpType()) && fromProduct(index, activation(index, maker)));
  }

  /** The only node that computes with a node's output; -1 if there are several or none. */
  private static int soleReader(GraphIndex index, int node) {
    int reader = -1;
    for (int each : index.consumers(index.node(node).getOutput(0))) {
      boolean computes = !Nodes.is(index.node(each), "Shape");
      // A node that only selects rows serves an added output and does not count.
      boolean shows =
          Set.of("Slice", "Gather", "Unsqueeze", "ReduceMean")
              .contains(index.node(each).getOpType());
      if (computes && !shows) {
        if (reader >= 0) {
          return -1;
        }
        reader = each;
      }
    }
    return reader;
  }

  @Override
  public String output() {
    return index.node(values).getOutput(0);
  }

  @Override
  public LayerInfo info(int layer, boolean cuttable) {
    return new LayerInfo(layer, LayerInfo.SINGLE_OPERATORS, 0, 0, AttentionLimits.NONE, cuttable);
  }

  @Override
  public String queries(GraphEditor editor, String rows, boolean rotated) {
    String tensor = index.node(scores).getInput(0);
    String given = rotated ? tensor : new WithoutRotation(editor).of(tensor);
    String chosen = HeadLayout.rows(editor, given, rows, -2);
    String scaled = factors(editor, chosen, index.node(scores).getOutput(0), node);
    if (cached != null) {
      scaled = keyFactors(editor, scaled);
    }
    return HeadLayout.toFloat(editor, scaled);
  }

  /** The nodes on the path from a tensor to another node, in order. */
  private List<NodeProto> way(String from, int until) {
    List<NodeProto> way = new ArrayList<>();
    NodeProto last = index.node(until);
    String tensor = last.getInput(0);
    while (!tensor.equals(from)) {
      NodeProto maker = index.maker(tensor);
      if (maker == null) {
        throw new IllegalArgumentException(
            "cannot follow %s back to '%s'".formatted(Nodes.describe(last), from));
      }
      way.add(0, maker);
      tensor = activation(index, maker);
    }
    return way;
  }

  /** Applies to the queries the factors on the path from a tensor to a node. */
  private String factors(GraphEditor editor, String queries, String from, int until) {
    String scaled = queries;
    for (NodeProto each : way(from, until)) {
      if (Nodes.is(each, "Tanh")) {
        throw new IllegalArgumentException(
            Nodes.describe(each)
                + " changes the scores in a nonlinear way, so attention cannot be computed from the queries");
      }
      scaled = factor(editor, scaled, each);
    }
    return scaled;
  }

  @Override
  public boolean hasMask() {
    return way(index.node(scores).getOutput(0), node).stream().anyMatch(SpelledOutSite::masks);
  }

  private static boolean masks(NodeProto node) {
    return Set.of("Add", "Sub", "Where", "Clip").contains(node.getOpType());
  }

  /** Computes the mask: the value that scores of zero have at the Softmax. */
  @Override
  public String mask(GraphEditor editor, String rows) {
    NodeProto product = index.node(scores);
    String shape = editor.add("Shape", List.of(product.getInput(0)));
    String column = editor.add("Mul", List.of(shape, editor.longs(1, 0, 1, 0)));
    column = editor.add("Add", List.of(column, editor.longs(0, 1, 0, 1)));
    String first = product.getOutput(0);
    String scored = editor.zeros(column, index.elementType(first));
    for (NodeProto each : way(first, node)) {
      String from = activation(index, each);
      String given = scored;
      scored =
          editor.add(
              each.getDomain(),
              each.getOpType(),
              each.getInputList().stream().map(i -> i.equals(from) ? given : i).toList(),
              each.getAttributeList().toArray(new AttributeProto[0]));
    }
    return HeadLayout.toFloat(editor, HeadLayout.rows(editor, scored, rows, -2));
  }

  private String factor(GraphEditor editor, String queries, NodeProto node) {
    if (!Nodes.is(node, "Mul") && !Nodes.is(node, "Div")) {
      return queries;
    }
    String scores = activation(index, node);
    String factor = node.getInput(0).equals(scores) ? node.getInput(1) : node.getInput(0);
    return editor.add(node.getOpType(), List.of(queries, factor));
  }

  /** The KV cache holds keys without the factor that some exports apply to them later. */
  private String keyFactors(GraphEditor editor, String queries) {
    String scaled = queries;
    String tensor = index.node(scores).getInput(1);
    NodeProto maker = index.maker(tensor);
    while (maker != null && ARRANGING.contains(maker.getOpType())) {
      String source = maker.getInput(0);
      if (Nodes.is(maker, "Mul")) {
        boolean second = index.isConstant(source);
        String factor = maker.getInput(second ? 0 : 1);
        source = maker.getInput(second ? 1 : 0);
        scaled = editor.add("Mul", List.of(scaled, factor));
      }
      maker = index.maker(source);
    }
    return scaled;
  }

  @Override
  public String keys(GraphEditor editor, boolean rotated) {
    String tensor = cached == null ? index.node(scores).getInput(1) : cached;
    String keys = rotated ? tensor : new WithoutRotation(editor).of(tensor);
    if (cached == null) {
      keys =
          editor.add("Transpose", List.of(keys), Nodes.attribute("perm", List.of(0L, 1L, 3L, 2L)));
    }
    return HeadLayout.toFloat(editor, keys);
  }

  @Override
  public String values(GraphEditor editor) {
    return HeadLayout.toFloat(editor, index.node(values).getInput(1));
  }

  @Override
  public List<String> multiplied() {
    return List.of(index.node(scores).getInput(0), index.node(scores).getInput(1));
  }

  @Override
  public String projectedKeys() {
    return cached == null ? index.node(scores).getInput(1) : cached;
  }

  @Override
  public String attention(GraphEditor editor, String rows) {
    String chosen = HeadLayout.rows(editor, index.node(node).getOutput(0), rows, -2);
    return HeadLayout.toFloat(editor, chosen);
  }

  @Override
  public void dropMask(GraphEditor editor) {
    String from = index.node(scores).getOutput(0);
    String tensor = index.node(node).getInput(0);
    while (!tensor.equals(from)) {
      int number = index.producer(tensor);
      NodeProto maker = index.node(number);
      String logits = activation(index, maker);
      if (Nodes.is(maker, "Add") || Nodes.is(maker, "Sub") || Nodes.is(maker, "Where")) {
        dropMask(editor, number, logits);
      }
      tensor = logits;
    }
  }

  @Override
  public void takeKeyBias(GraphEditor editor, String bias) {
    dropMask(editor);
    NodeProto softmax = editor.node(node);
    String logits = softmax.getInput(0);
    String key =
        editor.add("Cast", List.of(bias), Nodes.attribute("to", index.elementType(logits)));
    String biased = editor.add("Add", List.of(logits, key));
    editor.replace(node, softmax.toBuilder().setInput(0, biased).build());
  }

  /** Where a pair is decided, the softmax takes the logits before the graph's own mask. */
  @Override
  public void takePairs(GraphEditor editor, String pairs) {
    NodeProto softmax = editor.node(node);
    String masked = softmax.getInput(0);
    String first = index.node(scores).getOutput(0);
    String open = first;
    for (NodeProto each : way(first, node)) {
      if (!masks(each)) {
        String from = activation(index, each);
        String given = open;
        open =
            editor.add(
                each.getDomain(),
                each.getOpType(),
                each.getInputList().stream().map(i -> i.equals(from) ? given : i).toList(),
                each.getAttributeList().toArray(new AttributeProto[0]));
      }
    }
    String hidden = editor.add("Min", List.of(pairs, editor.scalar(0f)));
    String bias =
        editor.add("Cast", List.of(hidden), Nodes.attribute("to", index.elementType(masked)));
    String decided = editor.add("Cast", List.of(pairs), Nodes.attribute("to", GraphEditor.BOOL));
    String logits =
        editor.add("Where", List.of(decided, editor.add("Add", List.of(open, bias)), masked));
    editor.replace(node, softmax.toBuilder().setInput(0, logits).build());
  }

  private void dropMask(GraphEditor editor, int number, String logits) {
    NodeProto maker = index.node(number);
    for (String input : maker.getInputList()) {
      boolean added = Nodes.is(maker, "Add") || Nodes.is(maker, "Sub");
      if (added && !input.equals(logits) && index.isConstant(input)) {
        throw new IllegalArgumentException(
            Nodes.describe(maker)
                + " adds a constant to logits, so tokens cannot be merged or left out");
      }
    }
    editor.replace(
        number,
        NodeProto.newBuilder()
            .setName(maker.getName())
            .setOpType("Identity")
            .addInput(logits)
            .addOutput(maker.getOutput(0))
            .build());
  }
}
