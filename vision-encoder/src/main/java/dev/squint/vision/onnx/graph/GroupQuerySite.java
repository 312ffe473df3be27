package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Attention by ONNX Runtime's {@code GroupQueryAttention}: inputs query (with key and value packed
 * into it if those inputs are missing), key, value, past key, past value, lengths, total length,
 * cosines, sines, position ids, bias.
 */
record GroupQuerySite(GraphIndex index, int node) implements OperatorSite {

  private static final int PAST_KEY = 3;
  private static final int COSINES = 7;
  private static final int SINES = 8;
  private static final int POSITIONS = 9;
  private static final int ATTENTION_BIAS = 10;

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
        new AttentionLimits(true, (int) Math.max(0, window), Nodes.real(proto(), "softcap", 0)),
        cuttable);
  }

  /** Whether the operator applies RoPE itself and counts positions instead of reading them. */
  boolean rotates() {
    return Nodes.integer(proto(), "do_rotary", 0) == 1;
  }

  /** The tables of cosines and sines by which the operator applies RoPE itself. */
  List<String> tables() {
    return List.of(proto().getInput(COSINES), proto().getInput(SINES));
  }

  /** Whether queries, keys and values are packed into one tensor. */
  boolean isPacked() {
    return Nodes.input(proto(), 1).isEmpty();
  }

  /**
   * Makes the operator apply RoPE by position ids. On a CPU the operator ignores its input of
   * position ids for a prompt and counts the rows of its cosine and sine tables. So it gets tables
   * whose rows are in the order in which it counts.
   */
  void follow(GraphEditor editor, PlacedTables tables) {
    NodeProto old = editor.node(node);
    List<String> inputs = new ArrayList<>(old.getInputList());
    inputs.set(COSINES, tables.of(inputs.get(COSINES), positions()));
    inputs.set(SINES, tables.of(inputs.get(SINES), positions()));
    if (inputs.size() > POSITIONS) {
      inputs.set(POSITIONS, "");
    }
    editor.replace(node, old.toBuilder().clearInput().addAllInput(inputs).build());
  }

  /**
   * The operator's own position ids if the graph is given them, else the input of the stage: a
   * graph without that input counts them.
   */
  private String positions() {
    String own = Nodes.input(proto(), POSITIONS);
    boolean given = !own.isEmpty() && index.inputs().containsKey(GraphRewriter.POSITIONS);
    return given ? own : GraphRewriter.POSITIONS;
  }

  /** Columns of queries (0), keys (1) or values (2) in the operator's input, [B, R, heads * d]. */
  private String part(GraphEditor editor, int which, String rows, boolean rotated) {
    String tensor = proto().getInput(isPacked() ? 0 : which);
    String given = rotated || rotates() ? tensor : new WithoutRotation(editor).of(tensor);
    String chosen = HeadLayout.rows(editor, given, rows, 1);
    if (!isPacked()) {
      return chosen;
    }
    long size = headSize();
    long start = which == 0 ? 0 : (heads() + (which - 1L) * keyHeads()) * size;
    long end = start + (which == 0 ? heads() : keyHeads()) * size;
    return editor.add(
        "Slice", List.of(chosen, editor.longs(start), editor.longs(end), editor.longs(2)));
  }

  private long headSize() {
    return index
        .size(Nodes.input(proto(), PAST_KEY), -1)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Nodes.describe(proto())
                        + " packs queries, keys and values into one tensor but has no past keys of a known size, so the head size is unknown"));
  }

  /**
   * Applies RoPE as the operator does, before {@link #follow} orders its tables.
   *
   * @param rotated whether by the positions of the tokens, else by position 0
   */
  private String rotated(
      GraphEditor editor, String tensor, String rows, int heads, boolean rotated) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.attribute("num_heads", heads));
    attributes.add(Nodes.attribute("interleaved", Nodes.integer(proto(), "rotary_interleaved", 0)));
    OptionalLong half = index.size(Nodes.input(proto(), COSINES), -1);
    OptionalLong size = index.size(Nodes.input(proto(), PAST_KEY), -1);
    if (half.isPresent() && size.isPresent() && 2 * half.getAsLong() < size.getAsLong()) {
      attributes.add(Nodes.attribute("rotary_embedding_dim", 2 * half.getAsLong()));
    }
    String given = positions();
    String positions = rotated ? given : editor.zerosLike(given, GraphEditor.INT64);
    // A table chosen by the number of tokens is chosen by given positions there.
    NodeProto placed = editor.node(node);
    return editor.add(
        Nodes.MICROSOFT,
        "RotaryEmbedding",
        List.of(
            tensor,
            HeadLayout.rows(editor, positions, rows, 1),
            placed.getInput(COSINES),
            placed.getInput(SINES)),
        attributes.toArray(new AttributeProto[0]));
  }

  @Override
  public String queries(GraphEditor editor, String rows, boolean rotated) {
    String queries = part(editor, 0, rows, rotated);
    if (rotates()) {
      queries = rotated(editor, queries, rows, heads(), rotated);
    }
    String apart = HeadLayout.toFloat(editor, HeadLayout.split(editor, queries, heads()));
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

  @Override
  public String keys(GraphEditor editor, boolean rotated) {
    String keys = part(editor, 1, "", rotated);
    if (rotates()) {
      keys = rotated(editor, keys, "", keyHeads(), rotated);
    }
    return HeadLayout.toFloat(editor, HeadLayout.split(editor, keys, keyHeads()));
  }

  @Override
  public String values(GraphEditor editor) {
    String values = part(editor, 2, "", true);
    return HeadLayout.toFloat(editor, HeadLayout.split(editor, values, keyHeads()));
  }

  @Override
  public List<String> multiplied() {
    return isPacked() ? List.of(proto().getInput(0)) : proto().getInputList().subList(0, 2);
  }

  @Override
  public String projectedKeys() {
    return proto().getInput(1);
  }

  @Override
  public void takeKeyBias(GraphEditor editor, String bias) {
    throw new IllegalArgumentException(
        Nodes.describe(proto())
            + " belongs to a decoder; only layers of encoders accept a bias of keys");
  }

  @Override
  public void dropMask(GraphEditor editor) {
    throw new IllegalArgumentException(
        Nodes.describe(proto()) + " belongs to a decoder; only layers of encoders lose their mask");
  }
}
