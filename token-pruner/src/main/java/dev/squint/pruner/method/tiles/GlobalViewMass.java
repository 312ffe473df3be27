package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.CropTokens.Place;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Selects crops by values of the global view's tokens, summed over the area of each crop. */
final class GlobalViewMass {
  private GlobalViewMass() {}

  /** Non-negative values of the tokens of one global view, [N]. */
  interface Values {
    float[] of(PatchTokens globalView);
  }

  /**
   * Keeps the crops with the largest sums. Every picture has a share of the budget in proportion to
   * its crops, because sums of different pictures are not comparable.
   */
  static TokenReduction keep(
      CropTokens crops, PatchTokens globalViews, Budget budget, Values values) {
    int n = crops.size();
    int[] frames =
        crops.positions().stream().mapToInt(TokenPosition::frame).distinct().sorted().toArray();
    int[][] ofFrame = Arrays.stream(frames).mapToObj(f -> ofFrame(crops, f)).toArray(int[][]::new);
    int[] shares =
        Apportionment.even(
            budget.tokens(n), Arrays.stream(ofFrame).mapToInt(of -> of.length).toArray());
    IntStream kept = IntStream.empty();
    for (int f = 0; f < frames.length; f++) {
      int[] of = ofFrame[f];
      float[] sums = sums(crops, of, view(globalViews, frames[f]), values);
      kept = IntStream.concat(kept, IntStream.of(Ranking.best(sums, shares[f])).map(i -> of[i]));
    }
    return TokenReduction.keep(n, kept.sorted().toArray());
  }

  /** Keeps every crop that overlaps a token with a value above 0. */
  static TokenReduction showing(CropTokens crops, PatchTokens globalViews, Values values) {
    IntStream kept = IntStream.empty();
    for (int frame :
        crops.positions().stream().mapToInt(TokenPosition::frame).distinct().toArray()) {
      int[] of = ofFrame(crops, frame);
      float[] sums = sums(crops, of, view(globalViews, frame), values);
      kept =
          IntStream.concat(
              kept, IntStream.range(0, of.length).filter(i -> sums[i] > 0).map(i -> of[i]));
    }
    return TokenReduction.keep(crops.size(), kept.sorted().toArray());
  }

  /**
   * Overlap of each crop with each token of its global view in both directions, product and sum.
   */
  static double operations(CropTokens crops, PatchTokens globalViews) {
    double pairs = 0;
    for (int view = 0; view < globalViews.tiles().size(); view++) {
      int frame = globalViews.tiles().get(view).frame();
      pairs += (double) ofFrame(crops, frame).length * globalViews.ofTile(view).length;
    }
    return 9 * pairs;
  }

  static int[] ofFrame(CropTokens crops, int frame) {
    return IntStream.range(0, crops.size())
        .filter(c -> crops.positions().get(c).frame() == frame)
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
        int rows = view.tiles().get(position.tile()).rows();
        int cols = view.tiles().get(position.tile()).cols();
        sum +=
            map[i]
                * covered(place.top(), place.bottom(), position.row(), rows)
                * covered(place.left(), place.right(), position.col(), cols);
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
