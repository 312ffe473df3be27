package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderKeys;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the most attended tokens of each tile, as many as its information density allows. A token
 * is redundant if its key is similar to many others; the density is the share of tokens that are
 * not redundant. Token-level Correlation-guided Compression (arXiv 2407.14439).
 *
 * <p>Our reading: no code was published; the thresholds and the selection by attention alone are
 * ours. A budget is divided among the tiles in proportion to their densities.
 *
 * @param similarity least cosine of similar keys
 * @param crowd least share of similar tokens in the tile for a token to be redundant
 */
public record TokenCorr(double similarity, double crowd) implements Pruner<PatchTokens> {
  private static final EncoderKeys KEYS = new EncoderKeys(-1);
  private static final ClsAttention ATTENTION = new ClsAttention(-1);

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(KEYS, ATTENTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    Matrix keys = tokens.evidence(KEYS).meanOverHeads();
    int[] sizes = new int[tokens.tiles().size()];
    double[] dense = new double[sizes.length];
    int[] shares = new int[sizes.length];
    for (int t = 0; t < sizes.length; t++) {
      int[] indices = tokens.ofTile(t);
      sizes[t] = indices.length;
      dense[t] = density(likeCounts(keys.rows(indices))) * sizes[t];
      shares[t] =
          budget instanceof Budget.Adaptive
              ? budget.tokens(sizes[t], (int) Math.max(1, Math.ceil(dense[t])))
              : 0;
    }
    if (!(budget instanceof Budget.Adaptive)) {
      shares = Apportionment.share(budget.tokens(tokens.size()), dense, sizes);
    }
    return PerTile.reduce(
        tokens,
        shares,
        (tile, indices, share) ->
            TokenReduction.keep(
                tile.size(), Ranking.top(tile.evidence(ATTENTION).meanOverHeads(), share)));
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    Keys keys = tokens.evidence(KEYS);
    double size = (double) keys.rows().cols() / keys.heads();
    double cosines = 0;
    for (int t = 0; t < tokens.tiles().size(); t++) {
      int n = tokens.ofTile(t).length;
      cosines += Operations.unitRows(n, size) + Operations.pairs(n, size);
    }
    int heads = tokens.evidence(ATTENTION).perHead().rows();
    return tokens.size() * Operations.columnMeans(keys.heads(), size)
        + cosines
        + Operations.columnMeans(heads, tokens.size());
  }

  /** For each token the number of others with a similar key, [N]. */
  int[] likeCounts(Matrix keys) {
    Matrix cosines = keys.unitRows().timesOwnTransposed();
    int n = keys.rows();
    return IntStream.range(0, n)
        .map(
            i ->
                (int)
                    IntStream.range(0, n)
                        .filter(j -> j != i && cosines.get(i, j) >= similarity)
                        .count())
        .toArray();
  }

  /** Whether a token with this number of similar ones is redundant. */
  boolean isRedundant(int likeCount, int tokens) {
    return likeCount >= crowd * tokens;
  }

  /** Share of the tokens that are not redundant. */
  double density(int[] likeCounts) {
    long redundant =
        IntStream.of(likeCounts).filter(count -> isRedundant(count, likeCounts.length)).count();
    return likeCounts.length == 0 ? 0 : 1 - (double) redundant / likeCounts.length;
  }
}
