package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of one tile between an encoder's stages. */
final class TileStates {

  /** Values of one tile, such as a tap's, without the batch dimension. */
  record Values(float[] values, long[] shape) {

    /** Size of a dimension. */
    int size(int dimension) {
      return (int) shape[dimension];
    }
  }

  private final TileRun.Span span;
  private final Map<Tap, Values> taps = new HashMap<>();
  private final List<Integer> layerRows = new ArrayList<>();
  private Values hidden;
  private @Nullable StageOutput output;
  private float[] keyBias;
  private int[] kept = {};
  private int[] places = {};

  /** A tile before the first stage. */
  TileStates(TileRun.Span span) {
    this.span = span;
    this.hidden = new Values(new float[0], new long[] {0, 0});
    this.keyBias = new float[0];
  }

  /** The tile. */
  TileRun.Span span() {
    return span;
  }

  /** The output of the latest stage: hidden states, [S, D], or features after the last stage. */
  Values hidden() {
    if (hidden.values().length == 0 && hidden.size(0) > 0) {
      if (output == null) {
        throw new IllegalStateException("the states of the tile were released unread");
      }
      hidden = output.of(this);
    }
    return hidden;
  }

  /** Number of rows, S. */
  int rows() {
    return hidden.size(0);
  }

  /** Number of values of a row, D. */
  int width() {
    return hidden.size(1);
  }

  /** What the latest stage gave for a batch with this tile, if no row was changed since. */
  @Nullable StageOutput output() {
    return output;
  }

  /** Notes that some layers ran on the rows that there are now. */
  void ran(int layers) {
    layerRows.addAll(Collections.nCopies(layers, rows()));
  }

  /**
   * For each tile the patches that each layer so far ran on, in visual tokens, [T, layers].
   *
   * @param rows the meaning of the rows of each tile
   */
  static Matrix layerTokens(List<TileStates> tiles, List<PatchRows> rows) {
    float[][] tokens = new float[tiles.size()][];
    for (int t = 0; t < tokens.length; t++) {
      PatchRows own = rows.get(t);
      List<Integer> ran = tiles.get(t).layerRows;
      tokens[t] = new float[ran.size()];
      for (int layer = 0; layer < ran.size(); layer++) {
        tokens[t][layer] = (float) (ran.get(layer) - own.first()) / (own.side() * own.side());
      }
    }
    return Matrix.of(tokens);
  }

  /** The bias that is added to the logits of each row as a key, [S]. */
  float[] keyBias() {
    return keyBias;
  }

  /** The rows of the embeddings that the layers are given, [K]; the rest is not encoded. */
  int[] kept() {
    return kept;
  }

  /** Sets the rows of the embeddings that the layers are given. */
  void keep(int[] rows) {
    kept = rows;
  }

  /** For each row that the projector takes its row among the hidden states; -1 for zeros. */
  int[] places() {
    return places;
  }

  /** Sets the rows that the projector takes. */
  void place(int[] rows) {
    places = rows;
  }

  /** Sets the output of a stage. */
  void advance(Values states) {
    release();
    hidden = states;
    if (keyBias.length == 0) {
      keyBias = new float[states.size(0)];
    }
  }

  /** Sets the output of a stage for a batch with this tile. */
  void advance(StageOutput given) {
    advance(new Values(new float[0], given.shape()));
    output = given;
  }

  /** Replaces the rows after tokens were merged. */
  void replace(Values states, float[] bias) {
    release();
    hidden = states;
    keyBias = bias;
  }

  /** Frees what is held of the latest stage. */
  void release() {
    if (output != null) {
      output.leave();
      output = null;
    }
  }

  /** Keeps some of the rows, ascending. */
  void choose(int[] rows) {
    float[] all = hidden().values();
    int width = width();
    float[] values = new float[rows.length * width];
    float[] bias = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(all, rows[i] * width, values, i * width, width);
      bias[i] = keyBias[rows[i]];
    }
    replace(new Values(values, new long[] {rows.length, width}), bias);
  }

  /** The values of a tap. */
  Values tap(Tap tap) {
    Values values = taps.get(tap);
    if (values == null) {
      throw new IllegalStateException(tap + " was not requested");
    }
    return values;
  }

  /** Stores the values of a tap. */
  void put(Tap tap, Values values) {
    taps.put(tap, values);
  }
}
