package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;

/**
 * The scores of ATP-LLaVA (arXiv 2412.00447, our reading) for every visual token.
 *
 * @param self logits of the visual tokens for the token or their attention to it, mean over queries
 *     and heads, [N]
 * @param cross attention of the words to the token, mean over words and heads, [N]
 * @param spatial sparsity of the sparsest grid that contains the token, at most 1, [N]
 */
record AtpScores(float[] self, float[] cross, float[] spatial) {
  /** Weight of a grid's density in its score; 3 in the paper. */
  private static final double LAMBDA = 3;

  /**
   * Computes the scores of the remaining tokens.
   *
   * @param self logits or attention, mean over the queries, [H, N]
   * @param coarsest stride of the sparsest grid
   * @param scaled whether self and cross are scaled to [0, 1] over the tokens, so that both have
   *     the same range
   */
  static AtpScores of(
      LayerTokens tokens, Matrix self, TextAttention cross, int coarsest, boolean scaled) {
    float[] spatial = new float[tokens.size()];
    for (int j = 0; j < spatial.length; j++) {
      TokenPosition position = tokens.positions().get(j);
      spatial[j] = spatial(tokens.tiles().get(position.tile()), position, coarsest);
    }
    float[] own = self.columnMeans();
    float[] words = MustDrop.meanOverHeads(cross).columnMeans();
    return scaled
        ? new AtpScores(scaled(own), scaled(words), spatial)
        : new AtpScores(own, words, spatial);
  }

  /**
   * Number of {@link Operations} of scores, redundancy and margins: means over heads and words, 3
   * for the grid of each token and 4 for its margins above the thresholds.
   */
  static double operations(Matrix self, TextAttention cross, boolean scaled) {
    double n = self.cols();
    double words = cross.rows().size();
    return Operations.columnMeans(self.rows(), n)
        + words * Operations.columnMeans(cross.rows().get(0).rows(), n)
        + Operations.columnMeans(words, n)
        + (scaled ? 4 * n : 0)
        + 7 * n;
  }

  /** Scales to 0 for the smallest and 1 for the largest; all 0 where the scores are equal. */
  private static float[] scaled(float[] scores) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
    float[] scaled = new float[scores.length];
    for (int j = 0; j < scaled.length; j++) {
      scaled[j] = (scores[j] - low) / Math.max(high - low, 1e-12f);
    }
    return scaled;
  }

  /** 1 - 3 R, R the share of the tile's tokens on the sparsest grid that contains this one. */
  private static float spatial(Tile tile, TokenPosition position, int coarsest) {
    int stride = coarsest;
    while (position.row() % stride != 0 || position.col() % stride != 0) {
      stride--;
    }
    int sampled = -Math.floorDiv(-tile.rows(), stride) * -Math.floorDiv(-tile.cols(), stride);
    return (float) (1 - LAMBDA * sampled / tile.tokens());
  }

  /** Mean of self and cross, [N]; tokens with high scores are kept. */
  float[] redundancy() {
    float[] redundancy = new float[self.length];
    for (int j = 0; j < redundancy.length; j++) {
      redundancy[j] = (self[j] + cross[j]) / 2;
    }
    return redundancy;
  }

  /**
   * Keeps the tokens above either threshold; if there are none, the one with the highest redundancy
   * score. Under the bounds of a budget, the tokens with the largest margins are kept.
   *
   * @param redundancyThresholds [N]
   * @param spatialThresholds [N]
   */
  TokenReduction above(float[] redundancyThresholds, float[] spatialThresholds, Budget budget) {
    float[] redundancy = redundancy();
    float[] margin = new float[redundancy.length];
    int above = 0;
    for (int j = 0; j < margin.length; j++) {
      margin[j] =
          Math.max(redundancy[j] - redundancyThresholds[j], spatial[j] - spatialThresholds[j]);
      above += margin[j] > 0 ? 1 : 0;
    }
    int count = budget.tokens(margin.length, Math.max(1, above));
    float[] order = above == 0 ? redundancy : margin;
    return TokenReduction.keep(margin.length, Ranking.top(order, count));
  }
}
