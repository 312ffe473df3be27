package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Queries or keys as they would be without RoPE (arXiv 2104.09864): repeats on the input of RoPE
 * what the graph does with its output. What scales cosines and sines is no rotation and stays.
 */
final class WithoutRotation {

  /** Operators between RoPE and the attention. */
  private static final Set<String> ARRANGING =
      Set.of("Reshape", "Transpose", "Unsqueeze", "Squeeze", "Expand", "Cast", "Identity");

  /** Operators by which graphs swap and negate the two numbers of each pair. */
  private static final Set<String> SWAPPING =
      Set.of("Concat", "Neg", "Slice", "Split", "Reshape", "Unsqueeze", "Squeeze", "Identity");

  private final GraphIndex index;
  private final GraphEditor editor;

  WithoutRotation(GraphIndex index, GraphEditor editor) {
    this.index = index;
    this.editor = editor;
  }

  /**
   * The tensor without RoPE, in the same layout.
   *
   * @param tensor queries or keys after RoPE
   * @throws IllegalArgumentException if no known form of RoPE leads to the tensor
   */
  String of(String tensor) {
    String without = find(tensor);
    if (without == null) {
      throw new IllegalArgumentException(
          "has no RoPE in a known form before '%s', so its attention without RoPE cannot be computed; known are RotaryEmbedding, x cos + swapped(x) sin, and the same by halves"
              .formatted(tensor));
    }
    return without;
  }

  private @Nullable String find(String tensor) {
    NodeProto maker = index.maker(tensor);
    if (maker == null) {
      return null;
    }
    if (maker.getOpType().equals("RotaryEmbedding")) {
      return ofOperator(maker);
    }
    if (Nodes.is(maker, "Add")) {
      return rotated(maker);
    }
    boolean partly = Nodes.is(maker, "Concat");
    String whole = partly ? halved(maker) : null;
    if (whole != null) {
      return whole;
    }
    boolean scaled = Nodes.is(maker, "Mul") || Nodes.is(maker, "Div");
    if (!partly && !scaled && !ARRANGING.contains(maker.getOpType())) {
      return null;
    }
    return repeated(maker, partly || scaled ? maker.getInputCount() : 1);
  }

  /** The node on inputs without RoPE; null if none of the first few inputs has any. */
  private @Nullable String repeated(NodeProto node, int few) {
    List<String> inputs = new ArrayList<>(node.getInputList());
    boolean found = false;
    for (int i = 0; i < few; i++) {
      String without = find(inputs.get(i));
      if (without != null) {
        inputs.set(i, without);
        found = true;
      }
    }
    return found
        ? editor.add(
            node.getDomain(),
            node.getOpType(),
            inputs,
            node.getAttributeList().toArray(new AttributeProto[0]))
        : null;
  }

  /** The x of x cos + swapped(x) sin; null if the sum is another. */
  private @Nullable String rotated(NodeProto sum) {
    NodeProto first = index.maker(sum.getInput(0));
    NodeProto second = index.maker(sum.getInput(1));
    if (first == null || second == null || !Nodes.is(first, "Mul") || !Nodes.is(second, "Mul")) {
      return null;
    }
    String straight = swappedIn(second, first.getInputList());
    NodeProto product = straight != null ? first : second;
    if (straight == null) {
      straight = swappedIn(first, second.getInputList());
    }
    return straight == null ? null : scaled(straight, other(product, straight));
  }

  private static String other(NodeProto product, String factor) {
    return product.getInput(product.getInput(0).equals(factor) ? 1 : 0);
  }

  private String ofOperator(NodeProto rotary) {
    boolean microsoft = rotary.getDomain().equals(Nodes.MICROSOFT);
    return scaledByTable(rotary.getInput(0), Nodes.input(rotary, microsoft ? 2 : 1));
  }

  /**
   * The tensor times the cosine of position 0, which is not 1 where a decoder scales its attention
   * for long texts (YaRN, arXiv 2309.00071, section 3.4).
   *
   * @param table cosines, a row for each position if it is a constant
   */
  String scaledByTable(String tensor, String table) {
    if (!index.isConstant(table)) {
      return tensor;
    }
    String flat = editor.add("Reshape", List.of(table, editor.longs(-1)));
    String first = editor.add("Gather", List.of(flat, editor.scalar(0L)));
    return editor.add("Mul", List.of(tensor, first));
  }

  /** The tensor times what the graph multiplies cosines by before they are used. */
  private String scaled(String tensor, String cosines) {
    String result = tensor;
    String name = cosines;
    for (NodeProto maker = index.maker(name); maker != null; maker = index.maker(name)) {
      if (Nodes.is(maker, "Gather")) {
        return scaledByTable(result, maker.getInput(0));
      }
      if (Nodes.is(maker, "Mul")) {
        int constant = index.isConstant(maker.getInput(0)) ? 0 : 1;
        if (!index.isConstant(maker.getInput(constant))) {
          return result;
        }
        result = editor.add("Mul", List.of(result, maker.getInput(constant)));
        name = maker.getInput(1 - constant);
      } else if (ARRANGING.contains(maker.getOpType())) {
        name = maker.getInput(0);
      } else {
        return result;
      }
    }
    return result;
  }

  /** The x of {@code [a cos - b sin, b cos + a sin]}, a and b its halves; null if it is another. */
  private @Nullable String halved(NodeProto concat) {
    NodeProto difference = index.maker(concat.getInput(0));
    NodeProto sum = index.maker(concat.getInput(1));
    if (difference == null
        || sum == null
        || !Nodes.is(difference, "Sub")
        || !Nodes.is(sum, "Add")) {
      return null;
    }
    List<String> wholes = new ArrayList<>();
    for (String product : List.of(difference.getInput(0), difference.getInput(1))) {
      NodeProto maker = index.maker(product);
      NodeProto half = maker == null ? null : index.maker(maker.getInput(0));
      if (half == null || !Set.of("Split", "Slice").contains(half.getOpType())) {
        return null;
      }
      wholes.add(half.getInput(0));
    }
    NodeProto straight = index.maker(difference.getInput(0));
    return wholes.get(0).equals(wholes.get(1)) && straight != null
        ? scaled(wholes.get(0), straight.getInput(1))
        : null;
  }

  /** Which of these tensors is swapped in a product; null for none. */
  private @Nullable String swappedIn(NodeProto product, List<String> tensors) {
    for (String factor : product.getInputList()) {
      for (String tensor : tensors) {
        if (!factor.equals(tensor) && isSwapped(factor, tensor)) {
          return tensor;
        }
      }
    }
    return null;
  }

  private boolean isSwapped(String tensor, String from) {
    if (tensor.equals(from)) {
      return true;
    }
    NodeProto maker = index.maker(tensor);
    if (maker == null || !SWAPPING.contains(maker.getOpType())) {
      return false;
    }
    // The other inputs of these operators are shapes and bounds.
    int tensors = Nodes.is(maker, "Concat") ? maker.getInputCount() : 1;
    return maker.getInputList().subList(0, tensors).stream().anyMatch(i -> isSwapped(i, from));
  }
}
