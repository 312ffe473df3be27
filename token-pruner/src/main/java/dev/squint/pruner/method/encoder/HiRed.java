package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Gives the global view a fixed part of the budget and divides the rest among the crops by the CLS
 * attention of the encoder's first layer to their regions. Each tile keeps the tokens with the most
 * CLS attention in the layer that feeds the projector. HiRED (arXiv 2408.10945).
 *
 * <p>{@link Variant#PAPER}, the default, divides by the sum of attention over each crop's region
 * and keeps exactly the budget; padding ranks last. {@link Variant#CODE} counts the most attended
 * tokens in horizontal strips of the global view, one strip per crop for any grid, truncates every
 * share, and discards padding that it had kept.
 *
 * @param variant paper or code
 * @param alpha the global view's part of the budget, in [0, 1]
 */
public record HiRed(Variant variant, double alpha) implements Pruner<PatchTokens> {
  private static final ClsAttention EARLY = new ClsAttention(0);
  private static final ClsAttention LATE = new ClsAttention(-1);

  public HiRed {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha must be in [0, 1] but was " + alpha);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(EARLY, LATE);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    List<PictureTiles> pictures = PictureTiles.of(tokens);
    int[] shares = new int[tokens.tiles().size()];
    if (variant == Variant.CODE) {
      double ratio = budget instanceof Budget.Ratio share ? share.keep() : (double) total / n;
      for (PictureTiles picture : pictures) {
        truncatedShares(tokens, picture, (int) (size(tokens, picture) * ratio), shares);
      }
    } else {
      int[] sizes = pictures.stream().mapToInt(picture -> size(tokens, picture)).toArray();
      int[] totals = Apportionment.even(total, sizes);
      for (int p = 0; p < totals.length; p++) {
        exactShares(tokens, pictures.get(p), totals[p], shares);
      }
    }
    return TokenReduction.keep(
        n,
        IntStream.range(0, shares.length)
            .flatMap(t -> kept(tokens, t, shares[t]))
            .sorted()
            .toArray());
  }

  /** Sums over heads and regions. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double late = (double) tokens.evidence(LATE).perHead().rows() * tokens.size();
    double early = 0;
    for (PictureTiles picture : PictureTiles.of(tokens)) {
      if (picture.commands()) {
        int ofGlobal = tokens.ofTile(picture.global()).length;
        int heads = tokens.evidence(EARLY).perHead().rows();
        // A sum over the heads, one over each region, and a share for each crop.
        early += (heads + 1.0) * ofGlobal + 2.0 * picture.crops().size();
      }
    }
    return late + early;
  }

  /** The kept tokens of a tile. */
  private IntStream kept(PatchTokens tokens, int tile, int share) {
    int[] indices = tokens.ofTile(tile);
    float[] late = tokens.evidence(LATE).perHead().columnSums();
    float[] scores = new float[indices.length];
    for (int i = 0; i < scores.length; i++) {
      boolean last = variant == Variant.PAPER && !shown(tokens, indices[i]);
      scores[i] = last ? Float.NEGATIVE_INFINITY : late[indices[i]];
    }
    return IntStream.of(Ranking.best(scores, share))
        .map(i -> indices[i])
        .filter(i -> variant == Variant.PAPER || shown(tokens, i));
  }

  /**
   * The paper's rule: divides the rest by the attention in each crop's region of the global view.
   */
  private void exactShares(PatchTokens tokens, PictureTiles picture, int total, int[] shares) {
    int[] tiles = picture.tiles();
    int[] sizes = IntStream.of(tiles).map(t -> tokens.ofTile(t).length).toArray();
    if (!picture.commands()) {
      int[] even = Apportionment.even(total, sizes);
      for (int i = 0; i < tiles.length; i++) {
        shares[tiles[i]] = even[i];
      }
      return;
    }
    int[] cropSizes = Arrays.copyOfRange(sizes, 1, sizes.length);
    int room = IntStream.of(cropSizes).sum();
    int global = Math.max(total - room, Math.min((int) (total * alpha), sizes[0]));
    shares[picture.global()] = global;
    double[] weights =
        picture.crops().stream().mapToDouble(crop -> regionSum(tokens, picture, crop)).toArray();
    int[] ofCrops = Apportionment.share(total - global, weights, cropSizes);
    for (int i = 0; i < ofCrops.length; i++) {
      shares[picture.crops().get(i)] = ofCrops[i];
    }
  }

  /** Early attention of the global view to the tokens whose centres are in the crop's region. */
  private static double regionSum(PatchTokens tokens, PictureTiles picture, int cropTile) {
    Tile global = tokens.tiles().get(picture.global());
    Crop crop = tokens.tiles().get(cropTile).crop();
    float[] early = tokens.evidence(EARLY).perHead().columnSums();
    double sum = 0;
    for (int i : tokens.ofTile(picture.global())) {
      TokenPosition position = tokens.positions().get(i);
      boolean inside =
          crop != null
              && (2 * position.row() + 1) * crop.gridRows() / (2 * global.rows()) == crop.row()
              && (2 * position.col() + 1) * crop.gridCols() / (2 * global.cols()) == crop.col();
      sum += inside ? early[i] : 0;
    }
    return sum;
  }

  /** The rule of the authors' code. */
  void truncatedShares(PatchTokens tokens, PictureTiles picture, int total, int[] shares) {
    if (!picture.commands()) {
      for (int t : picture.tiles()) {
        int size = tokens.ofTile(t).length;
        shares[t] = Math.min(size, (int) ((long) total * size / size(tokens, picture)));
      }
      return;
    }
    int global = tokens.ofTile(picture.global()).length;
    int ofGlobal = Math.min((int) (total * alpha), global);
    int crops = picture.crops().size();
    int ofCrops = Math.min(total - ofGlobal, size(tokens, picture) - global);
    shares[picture.global()] = ofGlobal;
    int[] marked = marked(tokens, picture);
    for (int c = 0; c < crops; c++) {
      int strip = c;
      long count =
          IntStream.of(marked)
              .filter(i -> i >= strip * global / crops && i < (strip + 1) * global / crops)
              .count();
      // In single precision, as the code computes it.
      float share = marked.length == 0 ? 1f / crops : (float) count / marked.length;
      shares[picture.crops().get(c)] =
          Math.min(tokens.ofTile(picture.crops().get(c)).length, (int) (share * ofCrops));
    }
  }

  /** The tokens of the global view that count for the crops' shares, ascending. */
  int[] marked(PatchTokens tokens, PictureTiles picture) {
    int[] indices = tokens.ofTile(picture.global());
    float[] early = tokens.evidence(EARLY).perHead().columnSums();
    float[] scores = new float[indices.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = early[indices[i]];
    }
    return Ranking.top(scores, (int) (indices.length * (1 - alpha)));
  }

  private static int size(PatchTokens tokens, PictureTiles picture) {
    return IntStream.of(picture.tiles()).map(t -> tokens.ofTile(t).length).sum();
  }

  private static boolean shown(PatchTokens tokens, int i) {
    TokenPosition position = tokens.positions().get(i);
    return tokens.tiles().get(position.tile()).shown().contains(position.row(), position.col());
  }
}
