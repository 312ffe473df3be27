package dev.squint.pruner.method.patches;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropGrid;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.Bilinear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Lays values of the encoded global views over the groups of patches of the crops, and divides a
 * budget by them.
 *
 * <p>The global views were encoded whole, so their tokens are kept first; the rest of the budget
 * goes to the crops. A budget smaller than the global views keeps their best tokens and no crop.
 */
final class ViewOverlay {

  /** Bilinear interpolation: three weighted means of a difference, a product and a sum. */
  static final double INTERPOLATION = 9;

  private final PatchGroups groups;
  private final PatchTokens views;
  private final int[][] ofTile;
  private final List<Picture> pictures;

  ViewOverlay(PatchGroups groups, PatchTokens views) {
    this.groups = groups;
    this.views = views;
    this.ofTile = new int[groups.tiles().size()][];
    TreeMap<Integer, Picture> byFrame = new TreeMap<>();
    for (int t = 0; t < ofTile.length; t++) {
      ofTile[t] = groups.ofTile(t);
      byFrame
          .computeIfAbsent(
              groups.tiles().get(t).frame(), f -> new Picture(new ArrayList<>(), new ArrayList<>()))
          .add(groups.tiles().get(t), t);
    }
    this.pictures = List.copyOf(byFrame.values());
  }

  /** The tiles of one picture, by their numbers. */
  private record Picture(List<Integer> global, List<Integer> crops) {
    void add(Tile tile, int number) {
      (tile.isGlobal() ? global : crops).add(number);
    }
  }

  /** Weights by which crops share the budget of their picture. */
  interface Weights {
    /** The weight of a crop, at least 0. */
    double of(int tile);
  }

  /** Number of groups of crops that values are interpolated for. */
  double overlaid() {
    return IntStream.range(0, ofTile.length)
        .filter(t -> !groups.tiles().get(t).isGlobal())
        .mapToDouble(t -> ofTile[t].length)
        .sum();
  }

  /** The values of a picture's global view on its grid; tokens that are gone have the least. */
  float[] map(int tile, float[] ofViews) {
    int frame = groups.tiles().get(tile).frame();
    for (int v = 0; v < views.tiles().size(); v++) {
      Tile view = views.tiles().get(v);
      if (view.frame() == frame) {
        float[] map = new float[view.tokens()];
        int[] tokens = views.ofTile(v);
        float least = Float.POSITIVE_INFINITY;
        for (int token : tokens) {
          least = Math.min(least, ofViews[token]);
        }
        Arrays.fill(map, tokens.length == 0 ? 0 : least);
        for (int token : tokens) {
          TokenPosition at = views.positions().get(token);
          map[at.row() * view.cols() + at.col()] = ofViews[token];
        }
        return map;
      }
    }
    throw new IllegalArgumentException(
        "picture %d has no global view, which this method requires".formatted(frame));
  }

  /** The global view of a tile's picture. */
  Tile view(int tile) {
    int frame = groups.tiles().get(tile).frame();
    return views.tiles().stream().filter(view -> view.frame() == frame).findFirst().orElseThrow();
  }

  /**
   * The value of the global view at each group, [G]: of its own groups as they are, of those of
   * crops interpolated; negative infinity for padding.
   *
   * @param ofViews one value for each token of the views
   */
  float[] over(float[] ofViews) {
    float[] over = new float[groups.size()];
    for (int t = 0; t < ofTile.length; t++) {
      if (ofTile[t].length > 0) {
        float[] map = map(t, ofViews);
        Tile view = view(t);
        CropGrid joint = CropGrid.of(groups.tiles().get(t), groups.tiles());
        Bilinear down = new Bilinear(view.rows(), joint.rows());
        Bilinear across = new Bilinear(view.cols(), joint.cols());
        for (int group : ofTile[t]) {
          TokenPosition at = groups.positions().get(group);
          over[group] =
              groups.tiles().get(t).shown().contains(at.row(), at.col())
                  ? Bilinear.at(
                      map,
                      view.cols(),
                      down,
                      joint.top() + at.row(),
                      across,
                      joint.left() + at.col())
                  : Float.NEGATIVE_INFINITY;
        }
      }
    }
    return over;
  }

  /** Keeps the groups with the highest scores; the crops of a picture share by weights. */
  TokenReduction keep(Budget budget, float[] scores, Weights weights) {
    return keep(budget, scores, weights, (tile, share) -> best(ofTile[tile], scores, share));
  }

  /** Keeps the groups with the highest scores over all crops of a picture together. */
  TokenReduction keepJointly(Budget budget, float[] scores) {
    return keep(
        budget.tokens(groups.size()),
        scores,
        (picture, share) -> {
          int[] all = picture.crops().stream().flatMapToInt(t -> IntStream.of(ofTile[t])).toArray();
          return IntStream.of(best(all, scores, share));
        });
  }

  /** Chooses a number of a crop's groups. */
  interface Chooser {
    /** Numbers of the chosen groups. */
    int[] choose(int tile, int share);
  }

  /** Keeps the groups that a chooser takes of each crop; the crops share by weights. */
  TokenReduction keep(Budget budget, float[] scores, Weights weights, Chooser chooser) {
    return keep(
        budget.tokens(groups.size()),
        scores,
        (picture, share) -> ofCrops(picture, share, weights, chooser));
  }

  private IntStream ofCrops(Picture picture, int share, Weights weights, Chooser chooser) {
    int[] crops = picture.crops().stream().mapToInt(t -> t).toArray();
    int[] shown = IntStream.of(crops).map(this::shown).toArray();
    int[] padding = IntStream.of(crops).map(t -> ofTile[t].length - shown(t)).toArray();
    double[] ofShown = new double[crops.length];
    Arrays.setAll(ofShown, i -> Math.max(0, weights.of(crops[i])));
    int all = IntStream.of(shown).sum();
    int[] first = Apportionment.share(Math.min(share, all), ofShown, shown);
    int[] rest = Apportionment.even(share - Math.min(share, all), padding);
    return IntStream.range(0, crops.length)
        .flatMap(i -> IntStream.of(chooser.choose(crops[i], first[i] + rest[i])));
  }

  private int shown(int t) {
    Tile.Area shown = groups.tiles().get(t).shown();
    return (int)
        IntStream.of(ofTile[t])
            .filter(
                group -> {
                  TokenPosition at = groups.positions().get(group);
                  return shown.contains(at.row(), at.col());
                })
            .count();
  }

  /** What is kept of the crops of a picture. */
  private interface OfCrops {
    IntStream kept(Picture picture, int share);
  }

  private TokenReduction keep(int total, float[] scores, OfCrops ofCrops) {
    int n = groups.size();
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    int[] views = sizes(Picture::global);
    int whole = Math.min(total, IntStream.of(views).sum());
    int[] ofViews = Apportionment.even(whole, views);
    int[] ofRest = Apportionment.even(total - whole, sizes(Picture::crops));
    IntStream kept = IntStream.empty();
    for (int p = 0; p < pictures.size(); p++) {
      Picture picture = pictures.get(p);
      int[] global = picture.global().stream().flatMapToInt(t -> IntStream.of(ofTile[t])).toArray();
      kept =
          IntStream.concat(
              kept,
              IntStream.concat(
                  IntStream.of(best(global, scores, ofViews[p])),
                  ofCrops.kept(picture, ofRest[p])));
    }
    return TokenReduction.keep(n, kept.sorted().toArray());
  }

  private int[] sizes(Function<Picture, List<Integer>> tiles) {
    return pictures.stream()
        .mapToInt(picture -> tiles.apply(picture).stream().mapToInt(t -> ofTile[t].length).sum())
        .toArray();
  }

  private static int[] best(int[] among, float[] scores, int count) {
    float[] own = new float[among.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = scores[among[i]];
    }
    return IntStream.of(Ranking.best(own, count)).map(i -> among[i]).toArray();
  }
}
