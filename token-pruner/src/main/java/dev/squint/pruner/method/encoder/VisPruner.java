package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the most attended tokens of each tile, and the most different of the others. For these, the
 * list in the order of attention is repeatedly split into tokens at even and at odd indices, and
 * the eight even ones that are most similar to an odd one are dropped. VisPruner (arXiv
 * 2412.01818).
 *
 * <p>The authors' code fails if a round has too few tokens; here the round then drops all it can.
 *
 * @param important part of the budget that goes to the most attended tokens
 */
public record VisPruner(double important) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final EncoderHidden HIDDEN = new EncoderHidden(-1);
  private static final int DROPPED_A_ROUND = 8;

  public VisPruner {
    if (!(important >= 0 && important <= 1)) {
      throw new IllegalArgumentException("important must be in [0, 1] but was " + important);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION, HIDDEN);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.keep(tokens, budget, this::kept);
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int heads = tokens.evidence(ATTENTION).perHead().rows();
    int size = tokens.evidence(HIDDEN).cols();
    return PerTile.operations(
        tokens,
        decision,
        (n, kept) -> {
          int rest = n - (int) (kept * important);
          double cosines = Operations.unitRows(rest, size) + Operations.pairs(rest, size);
          return Operations.columnMeans(heads, n) + (kept - n + rest == 0 ? 0 : cosines);
        });
  }

  private int[] kept(PatchTokens tile, int share) {
    int[] order = Ranking.descending(tile.evidence(ATTENTION).meanOverHeads());
    int first = (int) (share * important);
    int[] rest = Arrays.copyOfRange(order, first, order.length);
    int[] diverse = diverse(tile.evidence(HIDDEN).rows(rest), share - first);
    return IntStream.concat(
            IntStream.of(order).limit(first), IntStream.of(diverse).map(i -> rest[i]))
        .toArray();
  }

  /** The most different rows, [count]. */
  private static int[] diverse(Matrix rows, int count) {
    if (count == 0) {
      return new int[0];
    }
    Matrix cosines = rows.unitRows().timesOwnTransposed();
    int[] list = IntStream.range(0, rows.rows()).toArray();
    while (list.length > count) {
      int[] all = list;
      int[] even = IntStream.range(0, (all.length + 1) / 2).map(i -> all[2 * i]).toArray();
      int[] odd = IntStream.range(0, all.length / 2).map(i -> all[2 * i + 1]).toArray();
      float[] likeness = new float[even.length];
      for (int i = 0; i < even.length; i++) {
        likeness[i] = Float.NEGATIVE_INFINITY;
        for (int o : odd) {
          likeness[i] = Math.max(likeness[i], cosines.get(even[i], o));
        }
      }
      int dropped = Math.min(Math.min(DROPPED_A_ROUND, all.length - count), even.length);
      IntStream survivors =
          IntStream.of(Ranking.descending(likeness)).skip(dropped).map(i -> even[i]);
      list = IntStream.concat(survivors, IntStream.of(odd)).toArray();
    }
    return list;
  }
}
