package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Attention by ONNX Runtime's {@code GroupQueryAttention}: inputs query (with key and value packed
 * in it where those are left out), key, value, past key, past value, lengths, total length,
 * cosines, sines, position ids, bias.
 */
record GroupQuerySite(GraphIndex index, int node) implements AttentionSite {

  private static final int PAST_KEY = 3;
  private static final int COSINES = 7;
  private static final int SINES = 8;
  private static final int POSITIONS = 9;
  private static final int ATTENTION_BIAS = 10;

  @Override
  public String output() {
    return proto().getOutput(0);
  }

  private NodeProto proto() {
    return index.node(node);
  }

  private int heads() {
    return Math.toIntExact(Nodes.integer(proto(), "num_heads", 0));
  }

  private int keyHeads() {
    return Math.toIntExact(Nodes.integer(proto(), "kv_num_heads", heads()));
  }

  @Override
  public LayerInfo info(int layer, boolean cuttable) {
    long window = Nodes.integer(proto(), "local_window_size", -1);
    return new LayerInfo(
        layer,
        proto().getOpType(),
        heads(),
        keyHeads(),
        true,
        (int) Math.max(0, window),
        Nodes.real(proto(), "softcap", 0),
        cuttable);
  }

  /** Whether the operator rotates by itself, counting positions instead of reading them. */
  boolean rotates() {
    return Nodes.integer(proto(), "do_rotary", 0) == 1;
  }

  /** Whether keys and values are packed with the queries. */
  boolean isPacked() {
    return Nodes.input(proto(), 1).isEmpty();
  }

  /**
   * Takes packed queries, keys and values apart and puts the rotation before the operator, where it
   * follows position ids. On a CPU the operator does not: with {@code do_rotary} it ignores its
   * input of position ids and counts.
   *
   * @param positions input of position ids, [B, S]
   */
  void unfold(GraphEditor editor, String positions) {
    NodeProto old = editor.node(node);
    List<String> inputs = new ArrayList<>(old.getInputList());
    while (inputs.size() <= POSITIONS) {
      inputs.add("");
    }
    if (isPacked()) {
      List<String> parts = unpacked(editor, inputs.get(0));
      for (int i = 0; i < 3; i++) {
        inputs.set(i, parts.get(i));
      }
    }
    if (rotates()) {
      String given = inputs.get(POSITIONS).isEmpty() ? positions : inputs.get(POSITIONS);
      inputs.set(0, rotated(editor, inputs, inputs.get(0), given, heads()));
      inputs.set(1, rotated(editor, inputs, inputs.get(1), given, keyHeads()));
    }
    inputs.set(COSINES, "");
    inputs.set(SINES, "");
    inputs.set(POSITIONS, "");
    NodeProto changed = old.toBuilder().clearInput().addAllInput(inputs).build();
    editor.replace(node, Nodes.with(changed, Nodes.attribute("do_rotary", 0)));
  }

  private List<String> unpacked(GraphEditor editor, String packed) {
    long size = headSize();
    List<String> parts = List.of(editor.name("query"), editor.name("key"), editor.name("value"));
    String sizes = editor.longs(heads() * size, keyHeads() * size, keyHeads() * size);
    editor.add("", "Split", List.of(packed, sizes), parts, Nodes.attribute("axis", -1));
    return parts;
  }

  private long headSize() {
    return index
        .size(Nodes.input(proto(), PAST_KEY), -1)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Nodes.describe(proto())
                        + " has queries, keys and values in one tensor but no past of a known size"
                        + " to tell the heads by"));
  }

  private String rotated(
      GraphEditor editor, List<String> inputs, String tensor, String positions, int heads) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.attribute("num_heads", heads));
    attributes.add(Nodes.attribute("interleaved", Nodes.integer(proto(), "rotary_interleaved", 0)));
    OptionalLong half = index.size(inputs.get(COSINES), -1);
    OptionalLong size = index.size(Nodes.input(proto(), PAST_KEY), -1);
    if (half.isPresent() && size.isPresent() && 2 * half.getAsLong() < size.getAsLong()) {
      attributes.add(Nodes.attribute("rotary_embedding_dim", 2 * half.getAsLong()));
    }
    return editor.add(
        Nodes.MICROSOFT,
        "RotaryEmbedding",
        List.of(tensor, positions, inputs.get(COSINES), inputs.get(SINES)),
        attributes.toArray(new AttributeProto[0]));
  }

  /** Reads the node as it stands in the editor: {@link #unfold} comes before. */
  @Override
  public String queries(GraphEditor editor, String rows) {
    String chosen = HeadLayout.rows(editor, editor.node(node).getInput(0), rows, 1);
    String apart = HeadLayout.toFloat(editor, HeadLayout.split(editor, chosen, heads()));
    return HeadLayout.scaled(editor, apart, Nodes.real(proto(), "scale", 0));
  }

  @Override
  public boolean hasMask() {
    return !Nodes.input(proto(), ATTENTION_BIAS).isEmpty();
  }

  @Override
  public String mask(GraphEditor editor, String rows) {
    String bias = Nodes.input(proto(), ATTENTION_BIAS);
    return HeadLayout.toFloat(editor, HeadLayout.rows(editor, bias, rows, -2));
  }

  /** Reads the node as it stands in the editor: {@link #unfold} comes before. */
  @Override
  public String keys(GraphEditor editor) {
    String apart = HeadLayout.split(editor, editor.node(node).getInput(1), keyHeads());
    return HeadLayout.toFloat(editor, apart);
  }

  @Override
  public String projectedKeys() {
    return proto().getInput(1);
  }

  @Override
  public String attention(GraphEditor editor, String rows) {
    throw new IllegalArgumentException(
        Nodes.describe(proto()) + " does not show its attention; tap its queries and keys instead");
  }

  @Override
  public void takeKeyBias(GraphEditor editor, String bias) {
    throw new IllegalArgumentException(
        Nodes.describe(proto()) + " is a decoder's; only layers of encoders take a bias of keys");
  }
}
