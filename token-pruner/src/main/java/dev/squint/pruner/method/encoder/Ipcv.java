package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.RestoredRows;
import dev.squint.pruner.RestoringPruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.EarlierHidden;
import java.util.Set;

/**
 * Keeps in each tile the tokens that the encoder's last layer changed most; the others leave the
 * encoder and come back behind it. IPCV (arXiv 2512.18747).
 *
 * <p>A dropped token comes back as it was, plus the mean change that the kept tokens nearest to it
 * have undergone since. In the layers next behind the point, the dropped tokens are put back for
 * the attention as well (attention stabilisation).
 *
 * @param neighbours kept tokens whose change a dropped one follows
 * @param stabilised layers behind the point that attend to all tokens
 */
public record Ipcv(int neighbours, int stabilised) implements RestoringPruner {
  private static final EarlierHidden EARLIER = new EarlierHidden();

  public Ipcv {
    if (neighbours < 1 || stabilised < 0) {
      throw new IllegalArgumentException(
          "neighbours must be at least 1 and stabilised at least 0 but they were %d and %d"
              .formatted(neighbours, stabilised));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(EARLIER);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.keep(tokens, budget, (tile, share) -> Ranking.top(changes(tile), share));
  }

  /** The length of the change of each token in the last layer, [N]. */
  static float[] changes(PatchTokens tokens) {
    Matrix now = tokens.features();
    Matrix earlier = tokens.evidence(EARLIER);
    float[] changes = new float[tokens.size()];
    for (int i = 0; i < changes.length; i++) {
      double sum = 0;
      for (int c = 0; c < now.cols(); c++) {
        double change = (double) now.get(i, c) - earlier.get(i, c);
        sum += change * change;
      }
      changes[i] = (float) Math.sqrt(sum);
    }
    return changes;
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return tokens.size() * (3.0 * tokens.features().cols() + 1);
  }

  @Override
  public RestoredRows restored(Matrix rows, int[] kept) {
    return RestoredRows.of(rows, kept, neighbours);
  }
}
