package dev.squint.vision.onnx.graph;

import java.util.stream.Collectors;

/** Says of a graph that cannot be rewritten what was asked, why not, and what works instead. */
final class Refusal {

  private Refusal() {}

  /**
   * The refusal of cuts and taps.
   *
   * @param why names the node
   */
  static IllegalArgumentException of(
      OnnxModel model, GraphKind kind, CutPlan plan, IllegalArgumentException why) {
    String instead =
        kind == GraphKind.DECODER
            ? "plans that act before the decoder work"
            : "plans at 'tiles' work, and at 'encoder' methods that need no evidence of the encoder's layers";
    return of(model, asked(plan), why, instead);
  }

  /**
   * The refusal of something else.
   *
   * @param asked what the graph cannot do
   * @param why names the node
   * @param instead what works
   */
  static IllegalArgumentException of(
      OnnxModel model, String asked, IllegalArgumentException why, String instead) {
    return new IllegalArgumentException(
        "%s cannot %s: %s; %s".formatted(model.name(), asked, why.getMessage(), instead), why);
  }

  private static String asked(CutPlan plan) {
    if (plan.somePatches()) {
      return "be given some of its patches";
    }
    if (plan.cutAfter().isEmpty()) {
      return plan.taps().isEmpty() ? "be rewritten" : "show what its layers compute";
    }
    return plan.cutAfter().stream()
        .map(
            layer ->
                layer == CutPlan.EMBEDDINGS ? "before its first layer" : "after layer " + layer)
        .collect(Collectors.joining(" and ", "be cut ", ""));
  }
}
