package dev.squint.llm.decoder.evidence;

import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The end of a stage as readings of its last layer see it. Made for one point of one question; not
 * thread-safe.
 */
final class LayerView {

  private final StageEnd end;
  private final int layer;
  private final int[] visual;
  private final int[] text;
  private final Supplier<? extends Rotations> rotations;
  private @Nullable List<Matrix> textAttention;
  private double sharedOperations;

  /**
   * The end of a stage.
   *
   * @param visual rows of the visual tokens
   * @param text rows of the text tokens after the pictures
   * @param rotations of the decoder, if they are asked for
   */
  LayerView(StageEnd end, int[] visual, int[] text, Supplier<? extends Rotations> rotations) {
    this.end = end;
    this.layer = end.layers() - 1;
    this.visual = visual.clone();
    this.text = text.clone();
    this.rotations = rotations;
  }

  StageEnd end() {
    return end;
  }

  /** The layer before the point, from 0. */
  int layer() {
    return layer;
  }

  /** Rows of the visual tokens. */
  int[] visual() {
    return visual;
  }

  /** Rows of the text tokens after the pictures. */
  int[] text() {
    return text;
  }

  /** Rows of all tokens. */
  int[] all() {
    return IntStream.range(0, end.tokens()).toArray();
  }

  /** The row of the last prompt token. */
  int[] last() {
    return new int[] {end.tokens() - 1};
  }

  /** Keys of some tokens in the layer, the key heads side by side, [R, key heads * headDim]. */
  Matrix keys(int[] rows) {
    return Matrix.sideBySide(end.keysOf(layer).stream().map(head -> head.rows(rows)).toList());
  }

  /** Values of some tokens in the layer, the heads side by side, [R, key heads * headDim]. */
  Matrix values(int[] rows) {
    return Matrix.sideBySide(end.valuesOf(layer).stream().map(head -> head.rows(rows)).toList());
  }

  /** How RoPE rotates some tokens in the layer, {@link Rotations#means}, [R, 2]. */
  Matrix rotationMeans(int[] rows) {
    return rotations.get().means(layer, end.positions().of(rows));
  }

  int headDim() {
    return end.keyShape(layer)[1];
  }

  /** Attention of some tokens in the layer, one matrix [H, S] for each. */
  List<Matrix> attention(int[] rows) {
    return end.attention(layer, rows);
  }

  /**
   * Attention of the text tokens after the pictures, [H, S] each. It is computed once, whichever
   * readings use it; its operations are in {@link #sharedOperations}.
   */
  List<Matrix> textAttention() {
    List<Matrix> known = textAttention;
    if (known == null) {
      known = attention(text);
      textAttention = known;
      sharedOperations += attentionOperations(text.length, known.get(0));
    }
    return known;
  }

  /** {@link Operations} of what several readings share. */
  double sharedOperations() {
    return sharedOperations;
  }

  /**
   * {@link Operations} of the attention of several queries, each of the size of this one, [H, S].
   */
  double attentionOperations(int queries, Matrix one) {
    return Operations.attention(one.rows(), queries, one.cols(), headDim());
  }

  @Override
  public String toString() {
    return "LayerView[after %d layers, visual tokens %s]"
        .formatted(end.layers(), Arrays.toString(visual));
  }
}
