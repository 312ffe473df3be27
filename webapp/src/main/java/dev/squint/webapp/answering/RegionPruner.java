package dev.squint.webapp.answering;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.Action;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import dev.squint.vision.picture.Region;
import dev.squint.webapp.answering.PictureRegion.Corner;
import dev.squint.webapp.answering.RegionFrames.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the visual tokens of regions that the user chose. A token belongs to a region if its middle
 * is inside, or if the middle of the region's bounding box is inside both, so that a region smaller
 * than a token has one. Pictures and frames without a region keep all tokens.
 *
 * <p>It is not in the catalogue of methods, because outlines cannot be written in a plan.
 */
final class RegionPruner implements Pruner<PatchTokens> {

  private final List<PictureRegion> regions;

  private final RegionFrames frames;

  private RegionPruner(List<PictureRegion> regions, RegionFrames frames) {
    this.regions = regions;
    this.frames = frames;
  }

  /** A plan whose other steps after the encoder see only the tokens of the regions. */
  static PruningPlan before(PruningPlan plan, List<PictureRegion> regions, RegionFrames frames) {
    if (regions.isEmpty()) {
      return plan;
    }
    Action.Tokens<PatchTokens> action =
        new Action.Tokens<>(PatchTokens.class, new RegionPruner(regions, frames));
    Method method =
        new Method(
            "regions",
            "tokens of the chosen regions",
            action,
            Set.of(Point.Kind.ENCODER),
            Method.Budgeting.ADAPTIVE,
            "none",
            Method.Faithfulness.OWN);
    List<Step<?>> steps = new ArrayList<>(plan.steps());
    int place =
        (int) steps.stream().filter(step -> step.point().compareTo(Point.ENCODER) < 0).count();
    steps.add(place, new Step<>(Point.ENCODER, method, action, Budget.adaptive()));
    return plan.withSteps(steps);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    List<Tile> tiles = tokens.tiles();
    List<Region> places = tiles.stream().map(tile -> place(tile, tiles)).toList();
    int encoded = 1 + tiles.stream().mapToInt(Tile::frame).max().orElse(-1);
    List<Shown> shown = frames.shown(encoded);
    int[] kept =
        IntStream.range(0, tokens.size())
            .filter(i -> keeps(tokens.positions().get(i), tiles, places, shown))
            .toArray();
    if (kept.length == 0) {
      throw new IllegalArgumentException(
          "the regions leave none of the %d visual tokens; choose larger regions, or drop fewer"
              .formatted(tokens.size()));
    }
    return TokenReduction.keep(tokens.size(), kept);
  }

  private boolean keeps(
      TokenPosition token, List<Tile> tiles, List<Region> places, List<Shown> shown) {
    boolean wanted = false;
    boolean chosen = true;
    for (PictureRegion region : regions) {
      if (shown.get(token.frame()).has(region)) {
        boolean inside = isIn(region, token, tiles.get(token.tile()), places.get(token.tile()));
        if (region.drop() && inside) {
          return false;
        }
        if (!region.drop()) {
          chosen = false;
          wanted |= inside;
        }
      }
    }
    return chosen || wanted;
  }

  private static boolean isIn(PictureRegion region, TokenPosition token, Tile tile, Region place) {
    if (!tile.shown().contains(token.row(), token.col())) {
      return false;
    }
    double width = (place.right() - place.left()) / cols(tile);
    double height = (place.bottom() - place.top()) / rows(tile);
    double left = place.left() + (token.col() - tile.shown().left()) * width;
    double top = place.top() + (token.row() - tile.shown().top()) * height;
    Corner middle = region.middle();
    return region.contains(left + width / 2, top + height / 2)
        || (region.contains(middle.x(), middle.y())
            && middle.x() >= left
            && middle.x() < left + width
            && middle.y() >= top
            && middle.y() < top + height);
  }

  /** The part of its picture that a tile shows, without padding, as shares of its size. */
  private static Region place(Tile tile, List<Tile> tiles) {
    Tile.Crop crop = tile.crop();
    if (crop == null) {
      return new Region(0, 0, 1, 1);
    }
    double[] columns = new double[crop.gridCols() + 1];
    double[] rows = new double[crop.gridRows() + 1];
    for (Tile other : tiles) {
      Tile.Crop place = other.crop();
      if (other.frame() == tile.frame() && place != null) {
        columns[place.col() + 1] = cols(other);
        rows[place.row() + 1] = rows(other);
      }
    }
    for (int i = 1; i < columns.length; i++) {
      columns[i] += columns[i - 1];
    }
    for (int i = 1; i < rows.length; i++) {
      rows[i] += rows[i - 1];
    }
    double across = columns[crop.gridCols()];
    double down = rows[crop.gridRows()];
    return new Region(
        columns[crop.col()] / across,
        rows[crop.row()] / down,
        columns[crop.col() + 1] / across,
        rows[crop.row() + 1] / down);
  }

  private static int rows(Tile tile) {
    return tile.shown().bottom() - tile.shown().top();
  }

  private static int cols(Tile tile) {
    return tile.shown().right() - tile.shown().left();
  }
}
