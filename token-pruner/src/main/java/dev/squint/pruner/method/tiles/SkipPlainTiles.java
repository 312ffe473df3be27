package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;

/**
 * Drops crops of nearly one colour, such as sky, walls and the margins of a page.
 *
 * <p>A crop is plain if in every colour the range of its pixel values is at most {@code tolerance}
 * times the range in all crops of its picture. One different pixel is enough to keep a crop, so
 * small print is not lost. Of a picture of one colour only the global view is encoded.
 *
 * @param tolerance share of the picture's range of values, in [0, 1)
 */
public record SkipPlainTiles(double tolerance) implements Pruner<CropTokens> {

  public SkipPlainTiles {
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new IllegalArgumentException("tolerance must be in [0, 1) but was " + tolerance);
    }
  }

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    int n = crops.size();
    float[] shares = new float[n];
    int varied = 0;
    for (int frame :
        crops.positions().stream().mapToInt(TokenPosition::frame).distinct().toArray()) {
      int[] ofFrame = GlobalViewMass.ofFrame(crops, frame);
      float whole = crops.range(ofFrame);
      for (int crop : ofFrame) {
        shares[crop] = whole == 0 ? 0 : crops.range(crop) / whole;
        varied += shares[crop] > tolerance ? 1 : 0;
      }
    }
    return TokenReduction.keep(n, Ranking.top(shares, budget.tokens(n, varied)));
  }

  /** For each crop the range of each colour, and its share of the picture's ranges. */
  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    long pictures = crops.positions().stream().mapToInt(TokenPosition::frame).distinct().count();
    return 4.0 * crops.size() + 3.0 * pictures;
  }
}
