package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.vision.encoder.TileStates.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of hidden states of several tiles. */
final class HiddenRows {

  private HiddenRows() {}

  /** The hidden states of all patches, without CLS tokens, [N, D]. */
  static Matrix patches(List<TileStates> tiles, List<PatchRows> rows) {
    List<Matrix> parts = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      Values hidden = tiles.get(t).hidden();
      int skipped = rows.get(t).first() * hidden.size(1);
      float[] values = Arrays.copyOfRange(hidden.values(), skipped, hidden.values().length);
      parts.add(new Matrix(hidden.size(0) - rows.get(t).first(), hidden.size(1), values));
    }
    return joined(parts);
  }

  /** Replaces the tiles' hidden states by their CLS tokens and the remaining patches. */
  static void replace(List<TileStates> tiles, PatchTokens tokens, List<PatchRows> rows) {
    int[] patches = tokens.patches();
    for (int t = 0; t < tiles.size(); t++) {
      Values old = tiles.get(t).hidden();
      int width = old.size(1);
      int first = rows.get(t).first();
      int[] left = tokens.ofTile(t);
      float[] values = Arrays.copyOf(old.values(), (first + left.length) * width);
      float[] bias = new float[first + left.length];
      for (int i = 0; i < left.length; i++) {
        float[] row = tokens.features().row(left[i]);
        System.arraycopy(row, 0, values, (first + i) * width, width);
        bias[first + i] = (float) Math.log(patches[left[i]]);
      }
      tiles.get(t).replace(new Values(values, new long[] {bias.length, width}), bias);
    }
  }

  /** The rows of several tiles, which may be none. */
  static Matrix joined(List<Matrix> parts) {
    return parts.isEmpty() ? new Matrix(0, 0, new float[0]) : Matrix.stacked(parts);
  }
}
