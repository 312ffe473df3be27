package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Queries or keys as they would be without RoPE (arXiv 2104.09864), that is with RoPE at position
 * 0: repeats on the input of RoPE what the graph does with its output. The cosine of position 0
 * stays, because it is not 1 where a decoder scales its attention for long texts (YaRN, arXiv
 * 2309.00071, section 3.4).
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
  private final PositionZero zero;

  /** For a graph as edited so far, in which counted positions are replaced by given ones. */
  WithoutRotation(GraphEditor editor) {
    this.index = new GraphIndex(editor.build());
    this.editor = editor;
    this.zero = new PositionZero(index, editor);
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
          "it has no RoPE in a known form before '%s', so its attention without RoPE cannot be computed; known are RotaryEmbedding, x cos + swapped(x) sin, and the same by halves"
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
    return found ? repeated(node, inputs) : null;
  }

  private String repeated(NodeProto node, List<String> inputs) {
    return editor.add(
        node.getDomain(),
        node.getOpType(),
        inputs,
        node.getAttributeList().toArray(new AttributeProto[0]));
  }

  /** The x cos of x cos + swapped(x) sin at position 0; null if the sum is another. */
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
    return straight == null ? null : times(straight, other(product, straight));
  }

  private String times(String tensor, String cosines) {
    return editor.add("Mul", List.of(tensor, zero.of(cosines)));
  }

  private static String other(NodeProto product, String factor) {
    return product.getInput(product.getInput(0).equals(factor) ? 1 : 0);
  }

  private String ofOperator(NodeProto rotary) {
    boolean microsoft = rotary.getDomain().equals(Nodes.MICROSOFT);
    int positions = microsoft ? 1 : 3;
    List<String> inputs = new ArrayList<>(rotary.getInputList());
    if (Nodes.input(rotary, positions).isEmpty()) {
      // The standard operator without position ids takes the cosines and sines of each token.
      inputs.set(1, zero.of(inputs.get(1)));
      inputs.set(2, zero.of(inputs.get(2)));
    } else {
      inputs.set(positions, zero.ids(inputs.get(positions)));
    }
    return repeated(rotary, inputs);
  }

  /**
   * {@code [a cos, b cos]} at position 0 of {@code [a cos - b sin, b cos + a sin]}, where a and b
   * are the halves of a tensor; null if it is another.
   */
  private @Nullable String halved(NodeProto concat) {
    NodeProto difference = index.maker(concat.getInput(0));
    NodeProto sum = index.maker(concat.getInput(1));
    if (difference == null
        || sum == null
        || !Nodes.is(difference, "Sub")
        || !Nodes.is(sum, "Add")) {
      return null;
    }
    NodeProto straight = index.maker(difference.getInput(0));
    NodeProto crossed = index.maker(difference.getInput(1));
    String whole = wholeOf(straight);
    if (straight == null || crossed == null || whole == null || !whole.equals(wholeOf(crossed))) {
      return null;
    }
    List<String> inputs = new ArrayList<>(concat.getInputList());
    for (int half = 0; half < 2; half++) {
      String tensor = (half == 0 ? straight : crossed).getInput(0);
      inputs.set(half, times(tensor, straight.getInput(1)));
    }
    return repeated(concat, inputs);
  }

  /** What a product takes half of; null if its first factor is no half. */
  private @Nullable String wholeOf(@Nullable NodeProto product) {
    NodeProto half = product == null ? null : index.maker(product.getInput(0));
    boolean cut = half != null && Set.of("Split", "Slice").contains(half.getOpType());
    return half != null && cut ? half.getInput(0) : null;
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
