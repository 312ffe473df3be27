package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.LayerKeys;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.TextKeys;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps a few pivots, and the visual tokens that are least similar to them, so that no duplicates
 * stay. DART (arXiv 2502.11494, section 3). Pivots are the visual tokens and the text tokens after
 * the picture whose keys have the largest L1 norms; similarity is the cosine of hidden states. Each
 * pivot adds the same number of tokens, visual pivots first, in the order of the prompt.
 *
 * <p>The authors prune after 2 layers and scale the hidden states by the weights of the last norm
 * first. Here they are as the layer returns them.
 *
 * @param pivots number of visual pivots, which are kept
 * @param textPivots number of pivots of the text
 */
public record Dart(int pivots, int textPivots) implements Pruner<LayerTokens> {
  private static final LayerKeys KEYS = new LayerKeys();
  private static final TextKeys TEXT_KEYS = new TextKeys();
  private static final TextHidden TEXT = new TextHidden();

  public Dart {
    if (pivots < 0 || textPivots < 0 || pivots + textPivots == 0) {
      throw new IllegalArgumentException(
          "dart needs at least 1 pivot, and no negative number, but pivots was %d and textPivots %d"
              .formatted(pivots, textPivots));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(KEYS, TEXT_KEYS, TEXT);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    int[] visual =
        Ranking.top(lengths(tokens.evidence(KEYS).rows()), Math.min(Math.min(pivots, n), total));
    int[] text = textPivots(tokens);
    Matrix unit = tokens.features().unitRows();
    Matrix guides =
        Matrix.stacked(List.of(unit.rows(visual), tokens.evidence(TEXT).rows(text).unitRows()));
    Matrix likeness = guides.timesTransposed(unit);
    boolean[] kept = new boolean[n];
    IntStream.of(visual).forEach(token -> kept[token] = true);
    int rest = total - visual.length;
    for (int guide = 0; guide < guides.rows(); guide++) {
      int share = rest / guides.rows() + (guide < rest % guides.rows() ? 1 : 0);
      for (int token : Ranking.best(unlike(likeness.row(guide), kept), share)) {
        kept[token] = true;
      }
    }
    return TokenReduction.keep(n, IntStream.range(0, n).filter(i -> kept[i]).toArray());
  }

  private int[] textPivots(LayerTokens tokens) {
    Matrix keys = tokens.evidence(TEXT_KEYS);
    return Ranking.top(lengths(keys), Math.min(textPivots, keys.rows()));
  }

  /** The L1 norm of each row, [rows]. */
  private static float[] lengths(Matrix keys) {
    float[] lengths = new float[keys.rows()];
    for (int r = 0; r < lengths.length; r++) {
      for (float value : keys.row(r)) {
        lengths[r] += Math.abs(value);
      }
    }
    return lengths;
  }

  /** The negative cosines; NaN, which ranks last, for tokens that are kept already. */
  private static float[] unlike(float[] cosines, boolean[] kept) {
    float[] unlike = new float[cosines.length];
    for (int i = 0; i < unlike.length; i++) {
      unlike[i] = kept[i] ? Float.NaN : -cosines[i];
    }
    return unlike;
  }

  /** L1 norms of all keys, unit rows of visual tokens and text pivots, and their cosines. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    int n = tokens.size();
    int size = tokens.features().cols();
    Matrix keys = tokens.evidence(TEXT_KEYS);
    int text = Math.min(textPivots, keys.rows());
    int visual = Math.min(Math.min(pivots, n), decision.after());
    return 2.0 * (n + keys.rows()) * keys.cols()
        + Operations.unitRows(n + text, size)
        + Operations.dots(visual + text, n, size);
  }
}
