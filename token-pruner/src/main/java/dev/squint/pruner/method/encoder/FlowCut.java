package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayeredPruner;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.maths.InformationFlow;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Drops the tokens to which least information flows, again and again on the way through the
 * encoder. FlowCut (arXiv 2505.19536).
 *
 * <p>A token's score in a layer is the attention of the CLS token to it, plus the likeness of their
 * values, times the length of its value. The score is carried from layer to layer. The last
 * decision is one layer before the encoder's end and keeps exactly the budget of each tile. The
 * decisions before it come every second layer; the more the attention is spread, the fewer tokens
 * they drop. After the encoder the method decides once, by the score carried through all layers.
 *
 * @param every layers from one decision to the next
 */
public record FlowCut(int every) implements LayeredPruner {
  private static final EncoderFlow FLOW = new EncoderFlow();

  public FlowCut {
    if (every < 1) {
      throw new IllegalArgumentException("every must be at least 1 but was " + every);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(FLOW);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return highest(tokens, shares(tokens, budget));
  }

  /** Ranking is free. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return 0;
  }

  @Override
  public int[] decisions(int first, int layers) {
    int last = Math.max(first, layers - 1);
    return IntStream.rangeClosed(first, last).filter(k -> (last - k) % every == 0).toArray();
  }

  @Override
  public Pruner<PatchTokens> deciding(int later) {
    return new Decision(later);
  }

  /**
   * One of the decisions.
   *
   * @param later layers that run from here to the last one
   */
  public record Decision(int later) implements Pruner<PatchTokens> {

    @Override
    public Set<Evidence<?>> needs() {
      return Set.of(FLOW);
    }

    /**
     * All tiles drop the same share of what they have to drop, the largest that one of them asks
     * for.
     */
    @Override
    public TokenReduction reduce(PatchTokens tokens, Budget budget) {
      int[] shares = shares(tokens, budget);
      if (later == 0) {
        return highest(tokens, shares);
      }
      double dropped = 0;
      for (int t = 0; t < shares.length; t++) {
        dropped = Math.max(dropped, InformationFlow.share(column(tokens.tile(t), 1), later));
      }
      for (int t = 0; t < shares.length; t++) {
        int n = tokens.ofTile(t).length;
        shares[t] = n - (int) Math.rint((n - shares[t]) * dropped);
      }
      return highest(tokens, shares);
    }

    /** The entropy of the attention: its sum, a division, logarithm, product and sum a token. */
    @Override
    public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
      return later == 0 ? 0 : 5.0 * tokens.size();
    }
  }

  private static int[] shares(PatchTokens tokens, Budget budget) {
    int[] sizes =
        IntStream.range(0, tokens.tiles().size()).map(t -> tokens.ofTile(t).length).toArray();
    return Apportionment.even(budget.tokens(tokens.size()), sizes);
  }

  private static TokenReduction highest(PatchTokens tokens, int[] shares) {
    return PerTile.reduce(
        tokens,
        shares,
        (tile, indices, share) ->
            TokenReduction.keep(tile.size(), Ranking.top(column(tile, 0), share)));
  }

  private static float[] column(PatchTokens tokens, int column) {
    float[] values = new float[tokens.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tokens.evidence(FLOW).get(i, column);
    }
    return values;
  }
}
