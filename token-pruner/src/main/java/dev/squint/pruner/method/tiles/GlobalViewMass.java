package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.CropTokens.Place;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Selects crops by values of the tokens of a coarser view, summed over the area of each crop. The
 * coarser view is the global view, or crops that divide the picture evenly.
 */
final class GlobalViewMass {
  /** The global view as the only crop. */
  private static final Tile.Crop WHOLE = new Tile.Crop(0, 0, 1, 1);

  private GlobalViewMass() {}

  /** Non-negative values of the tokens of one picture's coarser view, [N]. */
  interface Values {
    float[] of(PatchTokens view);
  }

  /** The tokens of each picture's coarser view. */
  interface Views {
    PatchTokens of(int frame);
  }

  /** The global views. */
  static Views views(PatchTokens globalViews) {
    return frame -> view(globalViews, frame);
  }

  /**
   * Keeps the crops with the largest sums. Every picture has a share of the budget in proportion to
   * its crops, because sums of different pictures are not comparable.
   */
  static TokenReduction keep(CropTokens crops, Views views, Budget budget, Values values) {
    int n = crops.size();
    int[] frames = frames(crops);
    int[][] ofFrame = Arrays.stream(frames).mapToObj(f -> ofFrame(crops, f)).toArray(int[][]::new);
    int[] shares =
        Apportionment.even(
            budget.tokens(n), Arrays.stream(ofFrame).mapToInt(of -> of.length).toArray());
    IntStream kept = IntStream.empty();
    for (int f = 0; f < frames.length; f++) {
      int[] of = ofFrame[f];
      float[] sums = sums(crops, of, views.of(frames[f]), values);
      kept = IntStream.concat(kept, IntStream.of(Ranking.best(sums, shares[f])).map(i -> of[i]));
    }
    return TokenReduction.keep(n, kept.sorted().toArray());
  }

  /** Keeps every crop that overlaps a token with a value above 0. */
  static TokenReduction showing(CropTokens crops, Views views, Values values) {
    IntStream kept = IntStream.empty();
    for (int frame : frames(crops)) {
      int[] of = ofFrame(crops, frame);
      float[] sums = sums(crops, of, views.of(frame), values);
      kept =
          IntStream.concat(
              kept, IntStream.range(0, of.length).filter(i -> sums[i] > 0).map(i -> of[i]));
    }
    return TokenReduction.keep(crops.size(), kept.sorted().toArray());
  }

  /**
   * Overlap of each crop with each token of its coarser view in both directions, product and sum.
   */
  static double operations(CropTokens crops, Views views) {
    double pairs = 0;
    for (int frame : frames(crops)) {
      pairs += (double) ofFrame(crops, frame).length * views.of(frame).size();
    }
    return 9 * pairs;
  }

  /** The pictures that have crops, ascending. */
  static int[] frames(CropTokens crops) {
    return crops.positions().stream().mapToInt(TokenPosition::frame).distinct().sorted().toArray();
  }

  /** Indices of the tokens of one picture, ascending. */
  static int[] ofFrame(TokenSet tokens, int frame) {
    return IntStream.range(0, tokens.size())
        .filter(c -> tokens.positions().get(c).frame() == frame)
        .toArray();
  }

  private static PatchTokens view(PatchTokens globalViews, int frame) {
    for (int t = 0; t < globalViews.tiles().size(); t++) {
      if (globalViews.tiles().get(t).frame() == frame) {
        return globalViews.tile(t);
      }
    }
    throw new IllegalArgumentException(
        "picture %d has crops but no global view, which this method requires".formatted(frame));
  }

  private static float[] sums(CropTokens crops, int[] of, PatchTokens view, Values values) {
    float[] map = values.of(view);
    float[] sums = new float[of.length];
    for (int c = 0; c < of.length; c++) {
      Place place = crops.places().get(of[c]);
      double sum = 0;
      for (int i = 0; i < map.length; i++) {
        TokenPosition position = view.positions().get(i);
        Tile tile = view.tiles().get(position.tile());
        Tile.Crop crop = tile.crop() == null ? WHOLE : tile.crop();
        int row = crop.row() * tile.rows() + position.row();
        int col = crop.col() * tile.cols() + position.col();
        sum +=
            map[i]
                * covered(place.top(), place.bottom(), row, crop.gridRows() * tile.rows())
                * covered(place.left(), place.right(), col, crop.gridCols() * tile.cols());
      }
      sums[c] = (float) sum;
    }
    return sums;
  }

  /** Share of a row or column of tokens that is between two coordinates of the picture. */
  private static double covered(double from, double to, int index, int count) {
    double covered = Math.min(to * count, index + 1) - Math.max(from * count, index);
    return Math.max(0, covered);
  }
}
