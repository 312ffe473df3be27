package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several hidden states of each token, [N, B, S, D], as AltUp keeps them (arXiv 2301.13310, Gemma
 * 3n). Between two stages they stand side by side, [B, S, N * D], so that a token is one row there
 * too.
 *
 * @param count N
 * @param size D
 */
record Streams(long count, long size) {

  private static final List<Long> TOKENS_FIRST = List.of(1L, 2L, 0L, 3L);
  private static final List<Long> STREAMS_FIRST = List.of(2L, 0L, 1L, 3L);

  /** Those of a graph; null for one that has a single hidden state of each token. */
  static @Nullable Streams of(GraphIndex index, Layers layers) {
    OptionalLong size = index.size(layers.kind().source(), 2);
    if (layers.kind() != GraphKind.DECODER || size.isEmpty()) {
      return null;
    }
    ValueFlow flow = new ValueFlow(index);
    Set<String> before = new HashSet<>(flow.from(layers.kind().source()));
    before.retainAll(flow.into(layers.site(0).output()));
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (before.contains(node.getOutput(0)) && stacks(index, node)) {
        return new Streams(node.getInputCount(), size.getAsLong());
      }
    }
    return null;
  }

  private static boolean stacks(GraphIndex index, NodeProto node) {
    return Nodes.is(node, "Concat")
        && Nodes.integer(node, "axis", -1) == 0
        && node.getInputCount() > 1
        && node.getInputList().stream()
            .map(index::maker)
            .allMatch(maker -> maker != null && Nodes.is(maker, "Unsqueeze"));
  }

  /**
   * Puts the streams of a boundary side by side, and apart again for what reads them.
   *
   * @return the name of the new boundary
   */
  String sideBySide(GraphIndex index, GraphEditor editor, String boundary) {
    String tokensFirst =
        editor.add("Transpose", List.of(boundary), Nodes.attribute("perm", TOKENS_FIRST));
    String joined = editor.add("Reshape", List.of(tokensFirst, editor.longs(0, 0, count * size)));
    editor.declare(declaration(joined, index.elementType(boundary)));
    String parted = editor.add("Reshape", List.of(joined, editor.longs(0, 0, count, size)));
    String apart = editor.add("Transpose", List.of(parted), Nodes.attribute("perm", STREAMS_FIRST));
    for (int reader : index.consumers(boundary)) {
      editor.replace(reader, Nodes.renamed(editor.node(reader), Map.of(boundary, apart)));
    }
    return joined;
  }

  private ValueInfoProto declaration(String joined, int type) {
    ValueInfoProto.Builder info =
        GraphEditor.tensor(joined, type, List.of("batch_size", "sequence_length", "hidden_size"))
            .toBuilder();
    info.getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .setDim(2, TensorShapeProto.Dimension.newBuilder().setDimValue(count * size));
    return info.build();
  }

  /**
   * Checks that a plan shows no hidden states, of which there are several.
   *
   * @throws IllegalArgumentException if it does
   */
  void check(CutPlan plan) {
    for (Tap tap : plan.taps()) {
      if (tap.value() == Tap.Value.HIDDEN || tap.value() == Tap.Value.ATTENDED) {
        throw new IllegalArgumentException(
            "it keeps %d hidden states of each token, so it cannot show %s"
                .formatted(count, tap.output()));
      }
    }
  }
}
