package dev.squint.vision.onnx.graph;

import java.util.Locale;

/**
 * An output that is added to a stage.
 *
 * @param layer the layer whose value is output, from 0
 * @param value the kind of value
 * @param rows the rows that are output
 * @param ahead whether the stage before the layer's own computes it from its last hidden states;
 *     PyramidDrop selects tokens by the attention that the next layer would compute
 */
public record Tap(int layer, Value value, Rows rows, boolean ahead) {

  /** The value that a tap outputs. */
  public enum Value {
    /**
     * Queries after RoPE and scaling, [B, H, R, d] of float. Apart from the mask, softmax(queries
     * keys^T) is the layer's attention.
     */
    QUERIES,
    /** Queries as they would be without RoPE, [B, H, R, d] of float. */
    UNROTATED_QUERIES,
    /**
     * The tensor that the graph adds to the logits of each key, [B, 1 or H, R, T or 1] of float;
     * large negative values hide keys. Added with the queries of every layer that has one.
     */
    MASK,
    /** Keys of the new tokens in the form that the KV cache stores, [B, H, S, d] of float. */
    KEYS,
    /** Keys of the new tokens as they would be without RoPE, [B, H, S, d] of float. */
    UNROTATED_KEYS,
    /** The output of the key projection, before norms and RoPE, in the graph's layout. */
    KEY_PROJECTION,
    /** Values of the new tokens, as the attention weights them, [B, H, S, d] of float. */
    VALUES,
    /** Attention, [B, H, R, T] of float; only if the graph builds it from single operators. */
    ATTENTION,
    /** Mean attention of all queries to each token, [B, H, 1, T] of float. */
    MEAN_ATTENTION,
    /** Hidden states after the layer, [B, S, D]. */
    HIDDEN,
    /** Hidden states after the layer's attention, before its MLP, [B, S, D]. */
    ATTENDED
  }

  /** The rows of queries or attention that a tap outputs. */
  public enum Rows {
    /** The rows of all new tokens. */
    ALL,
    /** The rows whose numbers are in the input {@link GraphRewriter#TAP_ROWS}, [R]. */
    CHOSEN
  }

  /** Queries of chosen rows, after RoPE and scaling. */
  public static Tap queries(int layer) {
    return new Tap(layer, Value.QUERIES, Rows.CHOSEN, false);
  }

  /** Queries of chosen rows without RoPE, scaled. */
  public static Tap unrotatedQueries(int layer) {
    return new Tap(layer, Value.UNROTATED_QUERIES, Rows.CHOSEN, false);
  }

  /** The mask that is added to the logits of chosen rows. */
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

  /** Keys of the new tokens without RoPE. */
  public static Tap unrotatedKeys(int layer) {
    return new Tap(layer, Value.UNROTATED_KEYS, Rows.ALL, false);
  }

  /** Values of the new tokens. */
  public static Tap values(int layer) {
    return new Tap(layer, Value.VALUES, Rows.ALL, false);
  }

  /** Attention of chosen rows. */
  public static Tap attention(int layer) {
    return new Tap(layer, Value.ATTENTION, Rows.CHOSEN, false);
  }

  /** Mean attention over all queries, without the graph's mask. */
  public static Tap meanAttention(int layer) {
    return new Tap(layer, Value.MEAN_ATTENTION, Rows.ALL, false);
  }

  /** This tap, computed in the stage before the layer's own. */
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
