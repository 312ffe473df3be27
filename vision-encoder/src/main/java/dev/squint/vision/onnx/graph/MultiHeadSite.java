package dev.squint.vision.onnx.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Attention by ONNX Runtime's {@code MultiHeadAttention}: inputs query, key, value, their
 * concatenated biases, ...
 */
record MultiHeadSite(GraphIndex index, int node) implements OperatorSite {

  private static final int BIAS = 3;
  private static final int MASK = 4;
  private static final int ATTENTION_BIAS = 5;

  @Override
  public LayerInfo info(int layer, boolean cuttable) {
    boolean causal = Nodes.integer(proto(), "unidirectional", 0) == 1;
    return new LayerInfo(
        layer, proto().getOpType(), heads(), heads(), new AttentionLimits(causal, 0, 0), cuttable);
  }

  @Override
  public String queries(GraphEditor editor, String rows, boolean rotated) {
    String chosen = HeadLayout.rows(editor, part(editor, 0, rotated), rows, 1);
    String apart = HeadLayout.toFloat(editor, HeadLayout.split(editor, chosen, heads()));
    return HeadLayout.scaled(editor, apart, Nodes.real(proto(), "scale", 0));
  }

  @Override
  public boolean hasMask() {
    return !Nodes.input(proto(), MASK).isEmpty() || !Nodes.input(proto(), ATTENTION_BIAS).isEmpty();
  }

  @Override
  public String mask(GraphEditor editor, String rows) {
    if (!Nodes.input(proto(), MASK).isEmpty()) {
      throw new IllegalArgumentException(
          "%s has the mask input '%s', so the tokens that its queries attend to are unknown"
              .formatted(Nodes.describe(proto()), Nodes.input(proto(), MASK)));
    }
    String bias = Nodes.input(proto(), ATTENTION_BIAS);
    return HeadLayout.toFloat(editor, HeadLayout.rows(editor, bias, rows, -2));
  }

  @Override
  public String keys(GraphEditor editor, boolean rotated) {
    return HeadLayout.toFloat(editor, HeadLayout.split(editor, part(editor, 1, rotated), heads()));
  }

  @Override
  public String values(GraphEditor editor) {
    return HeadLayout.toFloat(editor, HeadLayout.split(editor, part(editor, 2, true), heads()));
  }

  /** Queries (0), keys (1) or values (2) with their bias, [B, S, H * d]. */
  private String part(GraphEditor editor, int which, boolean rotated) {
    String tensor = Nodes.input(proto(), which);
    if (tensor.isEmpty()) {
      throw new IllegalArgumentException(
          Nodes.describe(proto()) + " packs its keys with the queries, which is not supported");
    }
    if (!rotated) {
      tensor = new WithoutRotation(editor).of(tensor);
    }
    String bias = Nodes.input(proto(), BIAS);
    if (bias.isEmpty()) {
      return tensor;
    }
    long size =
        index
                .size(bias, 0)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            Nodes.describe(proto()) + " has a bias of unknown size"))
            / 3;
    String own =
        editor.add(
            "Slice", List.of(bias, editor.longs(which * size), editor.longs((which + 1) * size)));
    return editor.add("Add", List.of(tensor, own));
  }

  @Override
  public List<String> multiplied() {
    return List.of(proto().getInput(0), Nodes.input(proto(), 1));
  }

  @Override
  public String projectedKeys() {
    return Nodes.input(proto(), 1);
  }

  @Override
  public void dropMask(GraphEditor editor) {
    checkBias();
    List<String> inputs = new ArrayList<>(proto().getInputList());
    for (int input = MASK; input <= Math.min(ATTENTION_BIAS, inputs.size() - 1); input++) {
      inputs.set(input, "");
    }
    editor.replace(node, proto().toBuilder().clearInput().addAllInput(inputs).build());
  }

  private void checkBias() {
    if (index.isConstant(Nodes.input(proto(), ATTENTION_BIAS))) {
      throw new IllegalArgumentException(
          Nodes.describe(proto())
              + " adds a constant to its logits, so tokens cannot be merged or left out");
    }
  }

  @Override
  public void takeKeyBias(GraphEditor editor, String bias) {
    checkBias();
    String key = editor.add("Cast", List.of(bias), Nodes.attribute("to", elementType()));
    // The operator does not broadcast the bias over queries, so rows of zeros are added to it.
    String column =
        editor.add("Transpose", List.of(key), Nodes.attribute("perm", List.of(0L, 1L, 3L, 2L)));
    String zeros = editor.add("Sub", List.of(column, column));
    List<String> inputs = new ArrayList<>(proto().getInputList());
    while (inputs.size() <= ATTENTION_BIAS) {
      inputs.add("");
    }
    inputs.set(MASK, "");
    inputs.set(ATTENTION_BIAS, editor.add("Add", List.of(zeros, key)));
    editor.replace(node, proto().toBuilder().clearInput().addAllInput(inputs).build());
  }

  private int elementType() {
    return index.elementType(Nodes.input(proto(), 0));
  }
}
