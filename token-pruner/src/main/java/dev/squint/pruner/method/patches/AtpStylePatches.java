package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Encodes as many groups of patches as the picture and the question ask for: those whose place in
 * the global view is attended to and relevant above a threshold, and those on a sparse grid.
 * ATP-LLaVA's rule (arXiv 2412.00447) with scores that are known before the encoder, and fixed
 * thresholds instead of those of its trained module.
 *
 * <p>The score of a token of the global view is the mean of its CLS attention and of the softmax of
 * its relevance to the question ({@link TextGuided}), each divided by its mean over the view; so 1
 * is the score of an average token. It is laid over the crops. The global view is encoded whole and
 * stays whole. Bounds such as {@code keep=0.1..0.5} hold for all groups together.
 *
 * @param redundancy threshold of the score
 * @param stride distance, in groups, of the grid of groups that are kept whatever their score; 0
 *     for none
 */
public record AtpStylePatches(double redundancy, int stride) implements Pruner<PatchGroups> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final TextGuided GUIDED = new TextGuided(TextGuided.Guide.WORDS, 0.1);
  private static final GlobalViews VIEWS =
      new GlobalViews(Set.of(ATTENTION, new QuestionEmbeddings()));
  private static final double TEMPERATURE = 0.1;

  public AtpStylePatches {
    if (!(redundancy >= 0) || stride < 0) {
      throw new IllegalArgumentException(
          "redundancy and stride must be at least 0 but were %s and %d"
              .formatted(redundancy, stride));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(VIEWS);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    PatchTokens views = groups.evidence(VIEWS);
    float[] attention = relative(views, views.evidence(ATTENTION).perHead().columnMeans());
    float[] relevance = relative(views, ViewScores.relevance(GUIDED, views, TEMPERATURE));
    float[] ofViews = new float[attention.length];
    for (int i = 0; i < ofViews.length; i++) {
      ofViews[i] = (attention[i] + relevance[i]) / 2;
    }
    float[] scores = new ViewOverlay(groups, views).over(ofViews);
    int preferred = 0;
    for (int i = 0; i < scores.length; i++) {
      TokenPosition at = groups.positions().get(i);
      boolean first =
          groups.tiles().get(at.tile()).isGlobal()
              || (stride > 0
                  && at.row() % stride == stride / 2
                  && at.col() % stride == stride / 2
                  && scores[i] > Float.NEGATIVE_INFINITY);
      preferred += first || scores[i] > redundancy ? 1 : 0;
      scores[i] = first ? Float.MAX_VALUE : scores[i];
    }
    int n = groups.size();
    return TokenReduction.keep(n, Ranking.top(scores, budget.tokens(n, Math.max(1, preferred))));
  }

  /** Each value divided by the mean of its view, [N]. */
  private static float[] relative(PatchTokens views, float[] values) {
    float[] relative = new float[values.length];
    for (int v = 0; v < views.tiles().size(); v++) {
      int[] tokens = views.ofTile(v);
      double mean = IntStream.of(tokens).mapToDouble(i -> values[i]).average().orElse(0);
      for (int token : tokens) {
        relative[token] = (float) (mean > 0 ? values[token] / mean : 1);
      }
    }
    return relative;
  }

  /** Two scores, their means and sum, and the interpolation. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    PatchTokens views = groups.evidence(VIEWS);
    double n = views.size();
    double heads = views.evidence(ATTENTION).perHead().rows();
    return Operations.columnMeans(heads, n)
        + ViewScores.operations(GUIDED, views)
        + Operations.softmax(1, n)
        + 6 * n
        + ViewOverlay.INTERPOLATION * new ViewOverlay(groups, views).overlaid();
  }
}
