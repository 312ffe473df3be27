package dev.squint.pruner.method.encoder;

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
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the most attended tokens of each tile and merges each of the others into one of a few
 * evenly spaced tokens, the one with the most similar key. VisionZip (arXiv 2412.04467).
 *
 * <p>{@link Variant#PAPER}, the default, averages a merged token's members. {@link Variant#CODE}
 * adds the mean of the members to the token that they are merged into, which about doubles its
 * norm. The authors merge before the projector and also keep the CLS token; here the projected
 * patches are merged, because the packages' encoders return no others.
 *
 * @param variant paper or code
 * @param contextual part of the budget that goes to merged tokens; 10 of 64 in the paper
 */
public record VisionZip(Variant variant, double contextual) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final EncoderKeys KEYS = new EncoderKeys(-1);

  public VisionZip {
    if (!(contextual >= 0 && contextual <= 1)) {
      throw new IllegalArgumentException("contextual must be in [0, 1] but was " + contextual);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION, KEYS);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.reduce(
        tokens, budget.tokens(tokens.size()), (tile, indices, share) -> zip(tile, share));
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double heads = tokens.evidence(ATTENTION).perHead().rows();
    Keys keys = tokens.evidence(KEYS);
    double size = (double) keys.rows().cols() / keys.heads();
    return PerTile.operations(
        tokens,
        decision,
        (n, kept) -> {
          double merged = Math.rint(kept * contextual);
          double cosines =
              merged == 0
                  ? 0
                  : n * Operations.columnMeans(keys.heads(), size)
                      + Operations.unitRows(n, size)
                      + Operations.dots(n - kept, merged, size);
          return heads * n + cosines;
        });
  }

  private TokenReduction zip(PatchTokens tile, int share) {
    int n = tile.size();
    int merged = (int) Math.rint(share * contextual);
    int[] dominant = Ranking.top(tile.evidence(ATTENTION).perHead().columnSums(), share - merged);
    int[] group = new int[n];
    Arrays.fill(group, -1);
    for (int i = 0; i < dominant.length; i++) {
      group[dominant[i]] = i;
    }
    if (merged == 0) {
      return TokenReduction.keep(n, dominant);
    }
    int[] rest = IntStream.range(0, n).filter(i -> group[i] < 0).toArray();
    int step = Math.max(1, rest.length / merged);
    int[] targets = IntStream.range(0, merged).map(i -> rest[i * step]).toArray();
    for (int i = 0; i < merged; i++) {
      group[targets[i]] = dominant.length + i;
    }
    int[] others = IntStream.of(rest).filter(i -> group[i] < 0).toArray();
    Matrix keys = tile.evidence(KEYS).meanOverHeads().unitRows();
    Matrix cosines = keys.rows(others).timesTransposed(keys.rows(targets));
    for (int i = 0; i < others.length; i++) {
      group[others[i]] = dominant.length + nearest(cosines, i);
    }
    int[] representatives =
        IntStream.concat(IntStream.of(dominant), IntStream.of(targets)).toArray();
    return variant == Variant.PAPER
        ? TokenReduction.merge(representatives, group, tile.patches())
        : added(representatives, group);
  }

  /** Index of the highest entry of a row; ties go to the first. */
  private static int nearest(Matrix cosines, int row) {
    int best = 0;
    for (int c = 1; c < cosines.cols(); c++) {
      if (cosines.get(row, c) > cosines.get(row, best)) {
        best = c;
      }
    }
    return best;
  }

  /** Each representative itself, plus the mean of the other members of its group. */
  private static TokenReduction added(int[] representatives, int[] group) {
    int[][] sources = new int[representatives.length][];
    float[][] weights = new float[representatives.length][];
    for (int g = 0; g < representatives.length; g++) {
      int here = g;
      sources[g] = IntStream.range(0, group.length).filter(i -> group[i] == here).toArray();
      weights[g] = new float[sources[g].length];
      for (int s = 0; s < sources[g].length; s++) {
        weights[g][s] = sources[g][s] == representatives[g] ? 1 : 1f / (sources[g].length - 1);
      }
    }
    return TokenReduction.mix(representatives, group, sources, weights);
  }
}
