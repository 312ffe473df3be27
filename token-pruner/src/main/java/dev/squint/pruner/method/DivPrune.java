package dev.squint.pruner.method;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PackedRows;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;

/**
 * Keeps the most different tokens: first the one farthest from its nearest neighbour, then again
 * and again the one farthest from all that are kept, by cosine distance and over all tiles.
 * DivPrune (arXiv 2503.02175).
 *
 * <p>The authors' code may pick a token twice when there are fewer different tokens than the
 * budget; here a token is kept once, and equal ones follow in their order.
 */
public record DivPrune() implements Pruner<PatchTokens> {

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    int[] kept = greedy(tokens.features(), total);
    Arrays.sort(kept);
    return TokenReduction.keep(n, kept);
  }

  /** The picks in their order, [count]. */
  static int[] greedy(Matrix features, int count) {
    Selection selection = new Selection(features.unitRows());
    int[] picks = new int[count];
    for (int i = 0; i < count; i++) {
      picks[i] = i == 0 ? selection.loneliest() : selection.farthest();
      selection.pick(picks[i]);
    }
    return picks;
  }

  /**
   * A cosine, 1 when it is 1 but for rounding, so that equal tokens tie and the earlier one is
   * taken.
   */
  static float snapped(float cosine) {
    return cosine > 1 - 2e-6f ? 1 : cosine;
  }

  /**
   * Largest cosines to the picks, kept lazily: a cosine can only grow with more picks, so a block
   * of tokens is brought up to date only while its least cosine of old could still be the least of
   * all. The result is that of the full matrix of distances, at a part of its cost.
   */
  private static final class Selection {
    private final Matrix unit;
    private final PackedRows packed;
    private final float[] cosines;
    private final boolean[] picked;
    private final float[] leastOfBlock;
    private final int[] seenByBlock;
    private final int[] picks;
    private final float[] dots = new float[PackedRows.BLOCK];
    private int count;

    Selection(Matrix unit) {
      this.unit = unit;
      packed = new PackedRows(unit);
      cosines = new float[unit.rows()];
      Arrays.fill(cosines, -2);
      picked = new boolean[unit.rows()];
      leastOfBlock = new float[packed.blocks()];
      Arrays.fill(leastOfBlock, -2);
      seenByBlock = new int[packed.blocks()];
      picks = new int[unit.rows()];
    }

    void pick(int token) {
      picked[token] = true;
      picks[count++] = token;
    }

    /**
     * The token whose largest cosine to any other is the least, ties to the earlier. A token is out
     * as soon as one cosine is no less than the best so far, and every cosine computed may show it
     * of two tokens.
     */
    int loneliest() {
      int loneliest = 0;
      float least = Float.POSITIVE_INFINITY;
      float[] largest = new float[unit.rows()];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      for (int token = 0; token < unit.rows(); token++) {
        int own = token / PackedRows.BLOCK;
        for (int b = 0; b < packed.blocks() && largest[token] < least; b++) {
          // Near tokens first: they are the most alike.
          raise((own + b) % packed.blocks(), token, largest);
        }
        if (largest[token] < least) {
          least = largest[token];
          loneliest = token;
        }
      }
      return loneliest;
    }

    private void raise(int block, int token, float[] largest) {
      packed.dot(unit, token, block, dots);
      int from = block * PackedRows.BLOCK;
      for (int i = 0; i < packed.rowsOf(block); i++) {
        if (from + i != token) {
          float cosine = snapped(dots[i]);
          largest[token] = Math.max(largest[token], cosine);
          largest[from + i] = Math.max(largest[from + i], cosine);
        }
      }
    }

    /**
     * The token not yet picked whose largest cosine to the picks is the least, ties to the earlier.
     */
    int farthest() {
      int start = 0;
      for (int block = 1; block < leastOfBlock.length; block++) {
        start = leastOfBlock[block] < leastOfBlock[start] ? block : start;
      }
      // The most promising block first, so that the others are seldom touched.
      int farthest = update(start);
      for (int block = 0; block < leastOfBlock.length; block++) {
        if (block != start && (farthest < 0 || leastOfBlock[block] <= cosines[farthest])) {
          int candidate = update(block);
          farthest = isBetter(candidate, farthest) ? candidate : farthest;
        }
      }
      return farthest;
    }

    private boolean isBetter(int candidate, int farthest) {
      if (candidate < 0 || farthest < 0) {
        return candidate >= 0;
      }
      return cosines[candidate] < cosines[farthest]
          || (cosines[candidate] == cosines[farthest] && candidate < farthest);
    }

    /** Brings a block up to date; gives its farthest token, or -1 when all are picked. */
    private int update(int block) {
      int from = block * PackedRows.BLOCK;
      int rows = packed.rowsOf(block);
      for (int seen = seenByBlock[block]; seen < count; seen++) {
        packed.dot(unit, picks[seen], block, dots);
        for (int i = 0; i < rows; i++) {
          cosines[from + i] = Math.max(cosines[from + i], snapped(dots[i]));
        }
      }
      seenByBlock[block] = count;
      int farthest = -1;
      for (int token = from; token < from + rows; token++) {
        if (!picked[token] && (farthest < 0 || cosines[token] < cosines[farthest])) {
          farthest = token;
        }
      }
      leastOfBlock[block] = farthest < 0 ? Float.POSITIVE_INFINITY : cosines[farthest];
      return farthest;
    }
  }
}
