package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** For each token the one at the same position of the previous frame. */
final class PreviousFrame {
  private static final float NONE_BEFORE = 3;

  private PreviousFrame() {}

  private record Place(int frame, Tile.@Nullable Crop crop, int row, int col) {}

  /** Index of that token, [N]; -1 if there is none, or the frame has a different grid. */
  static int[] of(PatchTokens tokens) {
    return of(tokens, frame -> 1);
  }

  /**
   * Index of the token at the same position of an earlier frame, [N]; -1 if there is none, or the
   * frame has a different grid.
   *
   * @param back how many frames before a frame the earlier one lies; 0 for none
   */
  static int[] of(PatchTokens tokens, IntUnaryOperator back) {
    Map<Place, Integer> places = new HashMap<>();
    int[] before = new int[tokens.size()];
    Arrays.fill(before, -1);
    for (int i = 0; i < tokens.size(); i++) {
      places.put(place(tokens, i, 0), i);
    }
    for (int i = 0; i < tokens.size(); i++) {
      int frames = back.applyAsInt(tokens.positions().get(i).frame());
      Integer found = frames == 0 ? null : places.get(place(tokens, i, frames));
      if (found != null && sameGrid(tokens, found, i)) {
        before[i] = found;
      }
    }
    return before;
  }

  /**
   * Difference of each token from the one at the same position of the previous frame, [N]: 1 -
   * cosine; without a previous token 3, which is above any other value.
   */
  static float[] novelty(PatchTokens tokens, int[] before) {
    Matrix unit = tokens.features().unitRows();
    float[] novelty = new float[before.length];
    for (int i = 0; i < novelty.length; i++) {
      novelty[i] = NONE_BEFORE;
      if (before[i] >= 0) {
        double cosine = 0;
        for (int d = 0; d < unit.cols(); d++) {
          cosine += unit.get(i, d) * unit.get(before[i], d);
        }
        novelty[i] = (float) (1 - cosine);
      }
    }
    return novelty;
  }

  /** Number of {@link Operations} of {@link #novelty}. */
  static double operations(PatchTokens tokens) {
    return operations(tokens, of(tokens));
  }

  /** Number of {@link Operations} of {@link #novelty}. */
  static double operations(PatchTokens tokens, int[] before) {
    int size = tokens.features().cols();
    long known = Arrays.stream(before).filter(token -> token >= 0).count();
    return Operations.unitRows(tokens.size(), size) + known * (2.0 * size + 1);
  }

  private static Place place(PatchTokens tokens, int token, int framesBefore) {
    TokenPosition at = tokens.positions().get(token);
    return new Place(
        at.frame() - framesBefore, tokens.tiles().get(at.tile()).crop(), at.row(), at.col());
  }

  private static boolean sameGrid(PatchTokens tokens, int one, int other) {
    Tile first = tokens.tiles().get(tokens.positions().get(one).tile());
    Tile second = tokens.tiles().get(tokens.positions().get(other).tile());
    return first.rows() == second.rows() && first.cols() == second.cols();
  }
}
