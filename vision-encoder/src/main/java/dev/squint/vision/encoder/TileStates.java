package dev.squint.vision.encoder;

import dev.squint.vision.onnx.graph.Tap;
import java.util.HashMap;
import java.util.Map;

/** One tile on its way through an encoder's stages. */
final class TileStates {

  /** Values of one tile, such as a tap's. */
  record Values(float[] values, long[] shape) {

    /** Size of a dimension; the tile itself is none. */
    int size(int dimension) {
      return (int) shape[dimension];
    }
  }

  private final TileRun.Span span;
  private final Map<Tap, Values> taps = new HashMap<>();
  private Values hidden;
  private float[] keyBias;

  /** A tile of which nothing is computed yet. */
  TileStates(TileRun.Span span) {
    this.span = span;
    this.hidden = new Values(new float[0], new long[] {0, 0});
    this.keyBias = new float[0];
  }

  /** The tile. */
  TileRun.Span span() {
    return span;
  }

  /** What the stages have come to: hidden states, [S, D], at last features. */
  Values hidden() {
    return hidden;
  }

  /** Number of rows, S. */
  int rows() {
    return hidden.size(0);
  }

  /** What is added to the logits of each row as a key, [S]. */
  float[] keyBias() {
    return keyBias;
  }

  /** Goes on with what a stage has made of the rows. */
  void advance(Values states) {
    hidden = states;
    if (keyBias.length == 0) {
      keyBias = new float[states.size(0)];
    }
  }

  /** Goes on with other rows. */
  void replace(Values states, float[] bias) {
    hidden = states;
    keyBias = bias;
  }

  /** What a tap showed. */
  Values tap(Tap tap) {
    Values values = taps.get(tap);
    if (values == null) {
      throw new IllegalStateException(tap + " was not asked for");
    }
    return values;
  }

  /** Keeps what a tap showed. */
  void put(Tap tap, Values values) {
    taps.put(tap, values);
  }
}
