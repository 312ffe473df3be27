package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LibraryOnly;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PackedRows;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.JointImageEmbeddings;
import dev.squint.pruner.evidence.JointTextEmbeddings;
import java.util.Arrays;
import java.util.Set;

/**
 * Keeps tokens of each tile that are relevant to the question and different from each other: the
 * greedy mode of a determinantal point process with the kernel relevance x cosine x relevance.
 * CDPruner (arXiv 2506.10967).
 *
 * <p>When all remaining tokens are linear combinations of the kept ones, the most relevant ones
 * follow.
 *
 * @param relevance source of the relevance
 */
public record CdPruner(Relevance relevance) implements Pruner<PatchTokens> {
  private static final JointImageEmbeddings IMAGE = new JointImageEmbeddings();
  private static final JointTextEmbeddings TEXT = new JointTextEmbeddings();
  private static final TextGuided QUESTION = new TextGuided(TextGuided.Guide.WORDS, 0.1);
  private static final TextGuided HEAD = new TextGuided(TextGuided.Guide.HEAD, 0.1);
  // A residual below this share of the largest is a rounding error.
  private static final float NOTHING_LEFT = 1e-6f;

  /** Source of the relevance of a token. */
  public enum Relevance {
    /**
     * The encoder's text tower, as in CLIP; the least similar patches are the relevant ones. As in
     * the authors' code. Plans do not offer it, because no exported package has a text tower.
     */
    @LibraryOnly
    JOINT,
    /** The scores of {@link TextGuided}, for encoders without a text tower. Our own. */
    QUESTION,
    /**
     * The square root of the probability that the package's trained head gives a token. The kernel
     * multiplies by the relevance twice, so the probability is the weight. Our own.
     */
    HEAD
  }

  @Override
  public Set<Evidence<?>> needs() {
    return switch (relevance) {
      case JOINT -> Set.of(IMAGE, TEXT);
      case QUESTION -> QUESTION.needs();
      case HEAD -> HEAD.needs();
    };
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int total = budget.tokens(tokens.size());
    if (total == tokens.size()) {
      return TokenReduction.keepAll(total);
    }
    float[] relevances = relevances(tokens);
    return PerTile.reduce(
        tokens,
        total,
        (tile, indices, share) -> {
          float[] ofTile = new float[indices.length];
          for (int i = 0; i < ofTile.length; i++) {
            ofTile[i] = relevances[indices[i]];
          }
          int[] kept = greedy(tile.features(), ofTile, share);
          Arrays.sort(kept);
          return TokenReduction.keep(tile.size(), kept);
        });
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int size = tokens.features().cols();
    double selection =
        PerTile.operations(
            tokens,
            decision,
            (n, kept) -> {
              double kernel = kept * (Operations.dots(1, n, size) + 2.0 * n);
              // Each pick: orthogonalise it, scale it, subtract its square from the residuals.
              double picks = Operations.dots(n, kept, (kept - 1) / 2.0) + 3.0 * n * kept;
              return Operations.unitRows(n, size) + n + kernel + picks;
            });
    return selection + relevanceOperations(tokens);
  }

  private double relevanceOperations(PatchTokens tokens) {
    int n = tokens.size();
    if (relevance == Relevance.HEAD) {
      return HEAD.operations(tokens, n) + 3.0 * n;
    }
    if (relevance == Relevance.QUESTION) {
      return QUESTION.operations(tokens, n) + 3.0 * n;
    }
    Matrix text = tokens.evidence(TEXT);
    return Operations.unitRows(n, text.cols())
        + Operations.unitRows(text.rows(), text.cols())
        + Operations.dots(n, text.rows(), text.cols())
        + Operations.columnMeans(text.rows(), n)
        + 3.0 * n;
  }

  /**
   * The picks in their order, [count].
   *
   * @param features whose cosines are in the kernel, [n, D]
   * @param relevances [n]
   */
  public static int[] greedy(Matrix features, float[] relevances, int count) {
    Kernel kernel = new Kernel(features.unitRows(), relevances);
    int n = relevances.length;
    float[] residuals = new float[n];
    float[][] components = new float[count][n];
    int[] picks = new int[count];
    boolean[] picked = new boolean[n];
    for (int i = 0; i < n; i++) {
      residuals[i] = relevances[i] * relevances[i];
    }
    float limit = NOTHING_LEFT * residuals[Ranking.best(residuals, 1)[0]];
    for (int k = 0; k < count; k++) {
      int best = best(residuals, picked);
      if (residuals[best] <= limit) {
        return filled(picks, k, picked, relevances);
      }
      picks[k] = best;
      picked[best] = true;
      float[] component = components[k];
      kernel.row(best, component);
      for (int c = 0; c < k; c++) {
        subtract(component, components[c][best], components[c]);
      }
      float scale = (float) (1 / Math.sqrt(residuals[best]));
      for (int i = 0; i < n; i++) {
        component[i] *= scale;
        residuals[i] -= component[i] * component[i];
      }
    }
    return picks;
  }

  private static void subtract(float[] from, float weight, float[] row) {
    for (int i = 0; i < from.length; i++) {
      from[i] -= weight * row[i];
    }
  }

  private static int best(float[] residuals, boolean[] picked) {
    int best = -1;
    for (int i = 0; i < residuals.length; i++) {
      if (!picked[i] && (best < 0 || residuals[i] > residuals[best])) {
        best = i;
      }
    }
    return best;
  }

  private static int[] filled(int[] picks, int from, boolean[] picked, float[] relevances) {
    int k = from;
    for (int i : Ranking.descending(relevances)) {
      if (!picked[i] && k < picks.length) {
        picks[k++] = i;
      }
    }
    return picks;
  }

  /** Negative mean cosine to the text's segments, [N]. */
  private static float[] unlikeness(PatchTokens tokens) {
    Matrix cosines =
        tokens.evidence(TEXT).unitRows().timesTransposed(tokens.evidence(IMAGE).unitRows());
    float[] unlikeness = cosines.columnMeans();
    for (int i = 0; i < unlikeness.length; i++) {
      unlikeness[i] = -unlikeness[i];
    }
    return unlikeness;
  }

  /** Relevance of each token, scaled to [0, 1] over all tiles together; 1 if all are equal, [N]. */
  float[] relevances(PatchTokens tokens) {
    return switch (relevance) {
      case JOINT -> scaled(unlikeness(tokens));
      case QUESTION -> scaled(QUESTION.score(tokens));
      case HEAD -> roots(HEAD.score(tokens));
    };
  }

  /** exp((logit - largest) / 2), [N]. */
  private static float[] roots(float[] logits) {
    float most = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      most = Math.max(most, logit);
    }
    float[] roots = new float[logits.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = (float) Math.exp((logits[i] - most) / 2);
    }
    return roots;
  }

  private static float[] scaled(float[] raw) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : raw) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    float[] scaled = new float[raw.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = most > least ? (raw[i] - least + 1e-6f) / (most - least) : 1;
    }
    return scaled;
  }

  /** The kernel relevance x cosine x relevance, row by row. */
  private static final class Kernel {
    private final Matrix unit;
    private final PackedRows packed;
    private final float[] relevances;
    private final float[] dots = new float[PackedRows.BLOCK];

    Kernel(Matrix unit, float[] relevances) {
      this.unit = unit;
      this.relevances = relevances;
      packed = new PackedRows(unit);
    }

    void row(int token, float[] out) {
      for (int block = 0; block < packed.blocks(); block++) {
        packed.dot(unit, token, block, dots);
        int from = block * PackedRows.BLOCK;
        for (int i = 0; i < packed.rowsOf(block); i++) {
          out[from + i] = relevances[token] * dots[i] * relevances[from + i];
        }
      }
    }
  }
}
