package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PackedRows;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;

/**
 * Keeps the most different tokens, by cosine distance and over all tiles: first the one that is
 * farthest from its nearest neighbour, then repeatedly the one that is farthest from all kept ones.
 * DivPrune (arXiv 2503.02175).
 *
 * <p>The authors' code may pick a token twice if there are fewer different tokens than the budget.
 * Here each token is picked once, and equal ones follow in prompt order.
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

  /** The cosines of all pairs, although the code skips those that cannot change the result. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int size = tokens.features().cols();
    return Operations.unitRows(tokens.size(), size) + Operations.pairs(tokens.size(), size);
  }

  /** The picks in their order, [count]. */
  static int[] greedy(Matrix features, int count) {
    Selection selection = new Selection(features.unitRows(), count);
    int[] picks = new int[count];
    for (int i = 0; i < count; i++) {
      picks[i] = i == 0 ? selection.loneliest() : selection.farthest();
      selection.pick(picks[i]);
    }
    return picks;
  }

  /**
   * A cosine, rounded to 1 when it is 1 within rounding errors, so that equal tokens tie and the
   * earlier one is picked.
   */
  static float snapped(float cosine) {
    return cosine > 1 - 2e-6f ? 1 : cosine;
  }

  /**
   * Largest cosines to the picks, updated lazily. A largest cosine can only grow with more picks,
   * so a token is updated only while its old value could still be the least. The result equals that
   * of the full matrix of distances, at a lower cost.
   */
  private static final class Selection {

    /** Up to this number of picks, single dot products are faster than a whole block. */
    private static final int FEW = 12;

    private final Matrix unit;
    private final PackedRows packed;
    private final PackedRows packedPicks;
    private final float[] cosines;
    private final boolean[] picked;
    private final int[] seen;
    private final int[] picks;
    private final float[] dots = new float[PackedRows.BLOCK];
    private int count;

    Selection(Matrix unit, int total) {
      this.unit = unit;
      packed = new PackedRows(unit);
      packedPicks = PackedRows.room(total, unit.cols());
      cosines = new float[unit.rows()];
      Arrays.fill(cosines, -2);
      picked = new boolean[unit.rows()];
      seen = new int[unit.rows()];
      picks = new int[total];
    }

    void pick(int token) {
      picked[token] = true;
      packedPicks.put(count, unit, token);
      picks[count++] = token;
    }

    /**
     * The token whose largest cosine to any other is the least; ties go to the earlier. A token is
     * excluded as soon as one of its cosines is not below the best so far. Each cosine can exclude
     * two tokens.
     */
    int loneliest() {
      int loneliest = 0;
      float least = Float.POSITIVE_INFINITY;
      float[] largest = new float[unit.rows()];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      for (int token = 0; token < unit.rows(); token++) {
        int own = token / PackedRows.BLOCK;
        for (int b = 0; b < packed.blocks() && largest[token] < least; b++) {
          // Nearby tokens first: they are the most similar.
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
     * The token, not yet picked, whose largest cosine to the picks is the least; ties go to the
     * earlier.
     */
    int farthest() {
      // The most promising token first, so that most others are excluded immediately.
      int farthest = -1;
      for (int token = 0; token < cosines.length; token++) {
        if (!picked[token] && (farthest < 0 || cosines[token] < cosines[farthest])) {
          farthest = token;
        }
      }
      update(farthest, Float.POSITIVE_INFINITY);
      for (int token = 0; token < cosines.length; token++) {
        if (!picked[token] && token != farthest && isBetter(token, farthest)) {
          update(token, cosines[farthest]);
          farthest = seen[token] == count && isBetter(token, farthest) ? token : farthest;
        }
      }
      return farthest;
    }

    private boolean isBetter(int candidate, int farthest) {
      return cosines[candidate] < cosines[farthest]
          || (cosines[candidate] == cosines[farthest] && candidate < farthest);
    }

    /** Updates a token with the picks since its last update, until its cosine exceeds a bound. */
    private void update(int token, float bound) {
      while (seen[token] < count && cosines[token] <= bound) {
        int block = seen[token] / PackedRows.BLOCK;
        int from = block * PackedRows.BLOCK;
        int to = Math.min(count, from + PackedRows.BLOCK);
        int first = seen[token];
        if (to - first <= FEW) {
          packed.dot(unit, token, picks, first, to, dots);
          from = first;
        } else {
          packedPicks.dot(unit, token, block, dots);
        }
        float largest = cosines[token];
        for (int pick = first; pick < to; pick++) {
          largest = Math.max(largest, snapped(dots[pick - from]));
        }
        cosines[token] = largest;
        seen[token] = to;
      }
    }
  }
}
