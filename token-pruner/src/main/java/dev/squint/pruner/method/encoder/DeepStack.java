package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerAdditions;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.DeepFeatures;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DeepStack (arXiv 2406.04334): the prompt contains only the global views, and the tokens of the
 * crops are added to their hidden states between decoder layers. The crops form one mosaic. Its
 * tokens are divided into groups of the size of the global view, and each group is added after a
 * different layer. The prompt is as short as without crops. A model that was not trained for it
 * loses accuracy.
 *
 * @param sampling how the mosaic is divided into groups
 * @param groups largest number of groups; a picture with more crops is refused
 * @param start number of layers before the first group is added
 * @param interval number of layers between two groups
 */
public record DeepStack(Sampling sampling, int groups, int start, int interval)
    implements Pruner<PatchTokens>, LayerAdditions {

  public DeepStack {
    if (groups < 1 || start < 1 || interval < 1) {
      throw new IllegalArgumentException(
          "groups, start and interval must be at least 1 but were %d, %d and %d"
              .formatted(groups, start, interval));
    }
  }

  /** Number of layers that run before each group is added, [groups]. */
  @Override
  public int[] places() {
    return IntStream.range(0, groups).map(group -> start + group * interval).toArray();
  }

  @Override
  public Optional<LayerAdditions> additions() {
    return Optional.of(this);
  }

  /** Keeps the global views, which is all of a picture without crops. */
  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return TokenReduction.keep(
        tokens.size(),
        IntStream.range(0, tokens.size()).filter(i -> tile(tokens, i).isGlobal()).toArray());
  }

  /** Each group is added to the hidden states of the global views. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return (double) groups * decision.after() * tokens.features().cols();
  }

  /**
   * The tokens with the additions to the hidden states of the global views, as {@link DeepFeatures}
   * of the layers after which they are added; zeros elsewhere.
   *
   * @throws IllegalArgumentException when a picture has more crops than groups, or crops with a
   *     different grid than its global view
   */
  @Override
  public PatchTokens withAdditions(PatchTokens tokens) {
    int size = tokens.features().cols();
    float[][] added = new float[groups][tokens.size() * size];
    Map<Place, Integer> crops = new HashMap<>();
    Map<Integer, Tile.Crop> grids = new HashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      Tile tile = tile(tokens, i);
      Tile.Crop crop = tile.crop();
      if (crop != null) {
        int number = crop.row() * crop.gridCols() + crop.col();
        TokenPosition at = tokens.positions().get(i);
        crops.put(new Place(tile.frame(), number, at.row() * tile.cols() + at.col()), i);
        grids.put(tile.frame(), crop);
      }
    }
    Map<Tile.Crop, int[][]> orders = new HashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      Tile tile = tile(tokens, i);
      Tile.Crop grid = grids.get(tile.frame());
      if (!tile.isGlobal() || grid == null) {
        continue;
      }
      int[][] order =
          orders.computeIfAbsent(
              new Tile.Crop(0, 0, grid.gridRows(), grid.gridCols()),
              same -> groups(sampling, side(tile), grid.gridRows(), grid.gridCols(), groups));
      int places = tile.tokens();
      TokenPosition at = tokens.positions().get(i);
      for (int g = 0; g < groups; g++) {
        int token = order[g][at.row() * tile.cols() + at.col()];
        Integer source =
            token < 0 ? null : crops.get(new Place(tile.frame(), token / places, token % places));
        if (source != null) {
          System.arraycopy(tokens.features().data(), source * size, added[g], i * size, size);
        }
      }
    }
    PatchTokens deep = tokens;
    for (int g = 0; g < groups; g++) {
      deep =
          deep.with(new DeepFeatures(places()[g] - 1), new Matrix(tokens.size(), size, added[g]));
    }
    return deep;
  }

  private record Place(int frame, int crop, int token) {}

  private static Tile tile(PatchTokens tokens, int token) {
    return tokens.tiles().get(tokens.positions().get(token).tile());
  }

  private static int side(Tile tile) {
    if (tile.rows() != tile.cols()) {
      throw new IllegalArgumentException(
          "deepstack requires a square global view but this one has %d x %d tokens"
              .formatted(tile.rows(), tile.cols()));
    }
    return tile.rows();
  }

  /** How the mosaic is divided into groups. */
  public enum Sampling {
    /**
     * Every gridRows-th row and gridCols-th column, so that each group is a coarse view of the
     * whole picture.
     */
    TWO_D,
    /** Every (gridRows * gridCols)-th token of the mosaic, row by row. */
    ONE_D,
    /** Each crop is a group. */
    GRID
  }

  /**
   * For each group and each token of the global view the token of the crops that is added to it,
   * [groups, side * side]: index of the crop times side * side, plus the index in the crop; -1
   * where nothing is added.
   *
   * @param side tokens along each side of a tile
   * @param gridRows rows of crops
   * @param gridCols columns of crops
   * @param groups number of groups, at least the number of crops
   * @throws IllegalArgumentException when there are fewer groups than crops
   */
  public static int[][] groups(
      Sampling sampling, int side, int gridRows, int gridCols, int groups) {
    int crops = gridRows * gridCols;
    if (groups < crops) {
      throw new IllegalArgumentException(
          "%d groups cannot hold the tokens of %d x %d crops; write groups=%d"
              .formatted(groups, gridRows, gridCols, crops));
    }
    int places = side * side;
    int[][] order = new int[groups][places];
    for (int[] group : order) {
      Arrays.fill(group, -1);
    }
    int width = gridCols * side;
    for (int g = 0; g < crops; g++) {
      for (int place = 0; place < places; place++) {
        int row = place / side;
        int col = place % side;
        order[g][place] =
            switch (sampling) {
              case TWO_D ->
                  token(
                      row * gridRows + g / gridCols, col * gridCols + g % gridCols, side, gridCols);
              case ONE_D ->
                  token((place * crops + g) / width, (place * crops + g) % width, side, gridCols);
              case GRID -> g * places + place;
            };
      }
    }
    return order;
  }

  /** The token at a row and column of the mosaic. */
  private static int token(int row, int col, int side, int gridCols) {
    int crop = row / side * gridCols + col / side;
    return crop * side * side + row % side * side + col % side;
  }
}
