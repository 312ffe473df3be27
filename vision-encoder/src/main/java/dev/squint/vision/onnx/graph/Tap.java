package dev.squint.vision.onnx.graph;

import java.util.Locale;

/**
 * One more output of a stage.
 *
 * @param layer that it shows, from 0
 * @param value what it shows
 * @param rows which tokens' rows
 * @param ahead whether the stage before the layer's own gives it, from the hidden states that it
 *     ends with: PyramidDrop decides by the attention that the next layer would pay
 */
public record Tap(int layer, Value value, Rows rows, boolean ahead) {

  /** What a tap shows. */
  public enum Value {
    /**
     * Queries, rotated and scaled: softmax(queries keys^T) is the layer's attention but for its
     * mask; [B, H, R, d] of float.
     */
    QUERIES,
    /**
     * What the graph adds to the logits of each key by tensors of its own, [B, 1 or H, R, T or 1]
     * of float; large negative values hide keys. Given with the queries of every layer that has
     * one.
     */
    MASK,
    /** Keys of the new tokens as the cache takes them; [B, H, S, d] of float. */
    KEYS,
    /** What the projection of keys gave, before norms and rotation, as the graph has it. */
    KEY_PROJECTION,
    /** Attention, only where the graph spells it out; [B, H, R, T] of float. */
    ATTENTION,
    /** Attention that each token receives from all queries, their mean, [B, H, 1, T] of float. */
    MEAN_ATTENTION,
    /** Hidden states after the layer, [B, S, D]. */
    HIDDEN,
    /** Hidden states after the layer's attention, before its MLP, [B, S, D]. */
    ATTENDED
  }

  /** Which rows of queries or attention a tap gives. */
  public enum Rows {
    /** Those of all new tokens. */
    ALL,
    /** Those whose numbers are fed to the input {@link GraphRewriter#TAP_ROWS}, [R]. */
    CHOSEN
  }

  /** Rotated, scaled queries of chosen rows. */
  public static Tap queries(int layer) {
    return new Tap(layer, Value.QUERIES, Rows.CHOSEN, false);
  }

  /** What is added to the logits of chosen rows. */
  public static Tap mask(int layer) {
    return new Tap(layer, Value.MASK, Rows.CHOSEN, false);
  }

  /** Hidden states after a layer. */
  public static Tap hidden(int layer) {
    return new Tap(layer, Value.HIDDEN, Rows.ALL, false);
  }

  /** Hidden states between a layer's attention and its MLP. */
  public static Tap attended(int layer) {
    return new Tap(layer, Value.ATTENDED, Rows.ALL, false);
  }

  /** Keys of the new tokens. */
  public static Tap keys(int layer) {
    return new Tap(layer, Value.KEYS, Rows.ALL, false);
  }

  /** Attention of chosen rows. */
  public static Tap attention(int layer) {
    return new Tap(layer, Value.ATTENTION, Rows.CHOSEN, false);
  }

  /** Attention, the mean over all queries; the graph's mask does not count. */
  public static Tap meanAttention(int layer) {
    return new Tap(layer, Value.MEAN_ATTENTION, Rows.ALL, false);
  }

  /** The same for the stage before the layer's own. */
  public Tap givenAhead() {
    return new Tap(layer, value, rows, true);
  }

  /** The name of the output, such as {@code tap.2.queries}. */
  public String output() {
    return "tap.%d.%s%s%s"
        .formatted(
            layer,
            value.name().toLowerCase(Locale.ROOT),
            rows == Rows.CHOSEN ? ".rows" : "",
            ahead ? ".ahead" : "");
  }
}
