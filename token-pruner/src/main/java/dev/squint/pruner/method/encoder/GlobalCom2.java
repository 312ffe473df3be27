package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropGrid;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.maths.Bilinear;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The global view determines the budget of each crop and contributes to the scores of the crop's
 * tokens. GlobalCom2 (arXiv 2501.05179).
 *
 * <p>A crop's share of the budget grows with the CLS attention of the global view to the crop's
 * region. In the crop, a token's score is its own CLS attention plus that of the global view at the
 * same position, each as a unit vector over the crop. Padding ranks last. A picture without crops
 * keeps the most attended tokens of its global view.
 *
 * <p>{@link Variant#CODE} reads attention logits and truncates every count, so it may keep a few
 * tokens fewer. {@link Variant#PAPER}, the default, reads attention after the softmax, which far
 * more models provide, and keeps exactly the budget. Its crop shares use the logarithm of the
 * attention, because the temperature of 10 is for logits. (The logarithm differs from the logits by
 * one constant per tile, which does not change the shares of equal regions.) The authors' code
 * writes tokens of padded pictures to wrong rows and returns the global view in the order of
 * scores; both variants here keep reading order.
 *
 * @param variant paper or code
 * @param temperature of the softmax over the crops
 */
public record GlobalCom2(Variant variant, double temperature) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final ClsLogits LOGITS = new ClsLogits(-1);
  private static final float FLOOR = 1e-12f;

  public GlobalCom2 {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(variant == Variant.CODE ? LOGITS : ATTENTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    double ratio = budget instanceof Budget.Ratio share ? share.keep() : (double) total / n;
    Views views = views(tokens);
    double[] ratios = views.ratios(ratio, temperature);
    int[] shares = variant == Variant.CODE ? views.truncated(ratios) : views.exact(total, ratios);
    int[][] kept = new int[shares.length][];
    for (int t = 0; t < shares.length; t++) {
      int[] indices = views.indices[t];
      kept[t] =
          IntStream.of(Ranking.best(views.scores(t), shares[t])).map(i -> indices[i]).toArray();
    }
    return TokenReduction.keep(
        n, Arrays.stream(kept).flatMapToInt(IntStream::of).sorted().toArray());
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int n = tokens.size();
    Matrix perHead =
        variant == Variant.CODE
            ? tokens.evidence(LOGITS).perHead()
            : tokens.evidence(ATTENTION).perHead();
    double means = Operations.columnMeans(perHead.rows(), n);
    // The logarithms have separate means.
    double logarithms = variant == Variant.CODE ? 0 : means + (double) perHead.rows() * n;
    double commanded = 0;
    for (PictureTiles picture : PictureTiles.of(tokens)) {
      if (picture.commands()) {
        int crops = picture.crops().size();
        int ofGlobal = tokens.ofTile(picture.global()).length;
        int ofCrops = picture.crops().stream().mapToInt(crop -> tokens.ofTile(crop).length).sum();
        // The sums of the regions, their softmax and its difference from the mean. Then for each
        // token of a crop the interpolated attention, two unit vectors, and their sum.
        commanded += ofGlobal + Operations.softmax(1, crops) + 5.0 * crops + 16.0 * ofCrops;
      }
    }
    return means + logarithms + commanded;
  }

  /**
   * Difference between each crop's softmax over the regions of the global view and the mean, row by
   * row of the crops.
   *
   * @param map values of the global view on its grid
   */
  public static double[] leads(
      float[] map, Tile view, int gridRows, int gridCols, double temperature) {
    double[] leads = regionSums(map, view, gridRows, gridCols);
    double most = Arrays.stream(leads).max().orElseThrow();
    double total = 1e-8;
    for (int c = 0; c < leads.length; c++) {
      leads[c] = Math.exp((leads[c] - most) / temperature);
      total += leads[c];
    }
    double mean = Arrays.stream(leads).sum() / total / leads.length;
    for (int c = 0; c < leads.length; c++) {
      leads[c] = leads[c] / total - mean;
    }
    return leads;
  }

  /**
   * Sums of a map over the regions of the crops; remaining rows and columns belong to the last
   * region.
   */
  private static double[] regionSums(float[] map, Tile view, int gridRows, int gridCols) {
    int height = Math.max(view.rows() / gridRows, 1);
    int width = Math.max(view.cols() / gridCols, 1);
    double[] sums = new double[gridRows * gridCols];
    for (int row = 0; row < view.rows(); row++) {
      for (int col = 0; col < view.cols(); col++) {
        int region =
            Math.min(row / height, gridRows - 1) * gridCols + Math.min(col / width, gridCols - 1);
        sums[region] += map[row * view.cols() + col];
      }
    }
    return sums;
  }

  Views views(PatchTokens tokens) {
    if (variant == Variant.CODE) {
      float[] logits = tokens.evidence(LOGITS).perHead().columnMeans();
      return new Views(tokens, logits, logits);
    }
    Matrix perHead = tokens.evidence(ATTENTION).perHead();
    float[] logarithms = perHead.data().clone();
    for (int i = 0; i < logarithms.length; i++) {
      logarithms[i] = (float) Math.log(Math.max(logarithms[i], FLOOR));
    }
    return new Views(
        tokens,
        perHead.columnMeans(),
        new Matrix(perHead.rows(), perHead.cols(), logarithms).columnMeans());
  }

  /** The tiles of a request, each with its tokens, their attention and their global view. */
  static final class Views {
    private final PatchTokens tokens;
    private final float[] attention;
    private final float[] logarithms;
    private final int[][] indices;
    private final int[] globalOf;

    private Views(PatchTokens tokens, float[] attention, float[] logarithms) {
      this.tokens = tokens;
      this.attention = attention;
      this.logarithms = logarithms;
      int tiles = tokens.tiles().size();
      indices = new int[tiles][];
      globalOf = new int[tiles];
      for (int t = 0; t < tiles; t++) {
        indices[t] = tokens.ofTile(t);
        int frame = tokens.tiles().get(t).frame();
        globalOf[t] =
            IntStream.range(0, tiles)
                .filter(
                    g -> tokens.tiles().get(g).isGlobal() && tokens.tiles().get(g).frame() == frame)
                .findFirst()
                .orElse(-1);
      }
    }

    /** Share of its tokens that each tile keeps, [tiles]. */
    double[] ratios(double ratio, double temperature) {
      double[] ratios = new double[indices.length];
      for (int t = 0; t < ratios.length; t++) {
        Crop crop = tokens.tiles().get(t).crop();
        ratios[t] =
            crop == null || !hasGlobal(t)
                ? ratio
                : Math.min(ratio * (1 + lead(globalOf[t], crop, temperature)), 1);
      }
      return ratios;
    }

    private double lead(int global, Crop crop, double temperature) {
      double[] leads =
          leads(
              map(global, logarithms),
              tokens.tiles().get(global),
              crop.gridRows(),
              crop.gridCols(),
              temperature);
      return leads[crop.row() * crop.gridCols() + crop.col()];
    }

    /** Counts as in the authors' code: padding keeps none, every count is truncated. */
    private int[] truncated(double[] ratios) {
      return IntStream.range(0, ratios.length)
          .map(t -> (int) (shown(t).length * ratios[t]))
          .toArray();
    }

    /**
     * Counts in proportion to the ratios, which add up to the total; padding is kept only when all
     * other tokens are kept.
     */
    private int[] exact(int total, double[] ratios) {
      int[] shown = IntStream.range(0, ratios.length).map(t -> shown(t).length).toArray();
      int[] padding =
          IntStream.range(0, ratios.length).map(t -> indices[t].length - shown[t]).toArray();
      double[] weights = new double[ratios.length];
      Arrays.setAll(weights, t -> ratios[t] * shown[t]);
      int ofShown = Math.min(total, IntStream.of(shown).sum());
      int[] shares = Apportionment.share(ofShown, weights, shown);
      int[] more = Apportionment.even(total - ofShown, padding);
      return IntStream.range(0, shares.length).map(t -> shares[t] + more[t]).toArray();
    }

    /** Scores of the tokens of one tile, in their order. */
    float[] scores(int t) {
      float[] own = own(t);
      if (tokens.tiles().get(t).isGlobal() || !hasGlobal(t)) {
        return own;
      }
      float[] scores = new float[own.length];
      Arrays.fill(scores, Float.NEGATIVE_INFINITY);
      int[] shown = shown(t);
      float[] commanded = unit(commanded(t));
      float[] local = new float[shown.length];
      for (int i = 0; i < shown.length; i++) {
        local[i] = own[shown[i]];
      }
      local = unit(local);
      for (int i = 0; i < shown.length; i++) {
        scores[shown[i]] = local[i] + commanded[i];
      }
      return scores;
    }

    /**
     * The global view's attention at the positions of a crop's tokens that are not padding, [V].
     */
    float[] commanded(int t) {
      Tile tile = tokens.tiles().get(t);
      Tile global = tokens.tiles().get(globalOf[t]);
      CropGrid joint = CropGrid.of(tile, tokens.tiles());
      Bilinear down = new Bilinear(global.rows(), joint.rows());
      Bilinear across = new Bilinear(global.cols(), joint.cols());
      float[] map = map(globalOf[t], attention);
      int[] shown = shown(t);
      float[] commanded = new float[shown.length];
      for (int i = 0; i < shown.length; i++) {
        TokenPosition position = tokens.positions().get(indices[t][shown[i]]);
        commanded[i] =
            Bilinear.at(
                map,
                global.cols(),
                down,
                joint.top() + position.row(),
                across,
                joint.left() + position.col());
      }
      return commanded;
    }

    /** The tokens of a tile that are not padding, as indices into the tile's tokens. */
    int[] shown(int t) {
      Tile tile = tokens.tiles().get(t);
      return IntStream.range(0, indices[t].length)
          .filter(
              i -> {
                TokenPosition position = tokens.positions().get(indices[t][i]);
                return tile.shown().contains(position.row(), position.col());
              })
          .toArray();
    }

    private boolean hasGlobal(int t) {
      return globalOf[t] >= 0 && indices[globalOf[t]].length > 0;
    }

    private float[] own(int t) {
      float[] own = new float[indices[t].length];
      for (int i = 0; i < own.length; i++) {
        own[i] = attention[indices[t][i]];
      }
      return own;
    }

    /** A tile's values on its grid; dropped tokens have the least remaining value. */
    private float[] map(int t, float[] values) {
      Tile tile = tokens.tiles().get(t);
      float least = Float.POSITIVE_INFINITY;
      for (int i : indices[t]) {
        least = Math.min(least, values[i]);
      }
      float[] map = new float[tile.tokens()];
      Arrays.fill(map, least);
      for (int i : indices[t]) {
        TokenPosition position = tokens.positions().get(i);
        map[position.row() * tile.cols() + position.col()] = values[i];
      }
      return map;
    }

    private static float[] unit(float[] values) {
      return Matrix.of(values).unitRows().row(0);
    }
  }
}
