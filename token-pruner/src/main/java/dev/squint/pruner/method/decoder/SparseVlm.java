package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextRelevance;
import dev.squint.pruner.maths.DensityPeaks;
import dev.squint.pruner.maths.SingularValues;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the visual tokens that the question's informative words attend to, mean over words and
 * heads. SparseVLM (arXiv 2410.04417); the authors prune after 3, 7 and 16 layers and renumber
 * positions from 0.
 *
 * <p>The informative words (raters) are those with more than the mean similarity to the visual
 * tokens, before the decoder. If all words have the same similarity, all are raters.
 *
 * <p>With recycling, the best three tenths of the dropped tokens are clustered, and the mean of
 * each cluster is kept. These means count towards the budget and take the position of the centre of
 * their cluster; the authors put them after the kept tokens.
 *
 * <p>Without a budget, the number follows from the rank of the attention of raters to visual
 * tokens, as in the first version of the paper.
 *
 * @param recycle whether dropped tokens are recycled
 * @param scale tokens to keep per rank without a budget
 * @param bias additional tokens to keep without a budget
 */
public record SparseVlm(boolean recycle, double scale, double bias) implements Pruner<LayerTokens> {
  private static final TextQueryAttention ATTENTION = new TextQueryAttention();
  private static final TextRelevance RELEVANCE = new TextRelevance();

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION, RELEVANCE);
  }

  @Override
  public Continuation continuation() {
    return Continuation.RENUMBER;
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    Matrix attention = raterAttention(tokens);
    int preferred =
        budget instanceof Budget.Adaptive ? Math.max(1, byRank(attention, scale, bias)) : n;
    int count = budget.tokens(n, preferred);
    float[] scores = attention.columnMeans();
    return recycle
        ? recycled(tokens, scores, count)
        : TokenReduction.keep(n, Ranking.top(scores, count));
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    TextAttention text = tokens.evidence(ATTENTION);
    double raters = raters(tokens.evidence(RELEVANCE).row(0)).length;
    double n = tokens.size();
    double means =
        raters * Operations.columnMeans(text.rows().get(0).rows(), n)
            + Operations.columnMeans(raters, n)
            + text.rows().size();
    double rank = budget instanceof Budget.Adaptive ? SingularValues.operations(raters, n) : 0;
    return means + rank + (recycle ? recycling(tokens, decision) : 0);
  }

  private static double recycling(LayerTokens tokens, TokenReduction decision) {
    int n = tokens.size();
    int kept = unmerged(n, decision.after());
    int clusters = decision.after() - kept;
    return clusters == 0
        ? 0
        : DensityPeaks.operations(recycledOf(n - kept), clusters, tokens.features().cols());
  }

  /**
   * Number of tokens to keep, from the rank of the attention of raters to visual tokens; at least
   * one is dropped.
   *
   * @param attention mean over the heads, [raters, N]
   */
  static int byRank(Matrix attention, double scale, double bias) {
    return Math.min((int) (SingularValues.rank(attention) * scale + bias), attention.cols() - 1);
  }

  /** Attention of the raters to the visual tokens, mean over the heads, [raters, N]. */
  static Matrix raterAttention(LayerTokens tokens) {
    List<Matrix> words = tokens.evidence(ATTENTION).rows();
    return Matrix.of(
        IntStream.of(raters(tokens.evidence(RELEVANCE).row(0)))
            .mapToObj(rater -> words.get(rater).columnMeans())
            .toArray(float[][]::new));
  }

  /** The kept tokens and the means of recycled ones, {@code count} together. */
  private static TokenReduction recycled(LayerTokens tokens, float[] scores, int count) {
    int n = tokens.size();
    int kept = unmerged(n, count);
    int clusters = count - kept;
    int[] best = Ranking.top(scores, kept);
    if (clusters == 0) {
      return TokenReduction.keep(n, best);
    }
    int[] candidates = candidates(scores, best);
    DensityPeaks peaks = DensityPeaks.of(tokens.features().rows(candidates), clusters);
    int[] group = new int[n];
    Arrays.fill(group, -1);
    int[] representatives = Arrays.copyOf(best, count);
    for (int i = 0; i < kept; i++) {
      group[best[i]] = i;
    }
    for (int i = 0; i < candidates.length; i++) {
      group[candidates[i]] = kept + peaks.cluster()[i];
    }
    for (int c = 0; c < clusters; c++) {
      representatives[kept + c] = candidates[peaks.centres()[c]];
    }
    int[] each = new int[n];
    Arrays.fill(each, 1);
    return TokenReduction.merge(representatives, group, each);
  }

  /** How many of {@code count} tokens are kept tokens and not means of recycled ones. */
  private static int unmerged(int n, int count) {
    int kept = count;
    while (kept > 0 && kept + clusters(n - kept) > count) {
      kept--;
    }
    return kept;
  }

  /** Number of means of recycled tokens. */
  static int clusters(int dropped) {
    return dropped == 0 ? 0 : recycledOf(dropped) / 10 + 1;
  }

  private static int recycledOf(int dropped) {
    return (int) (0.3 * dropped) + 1;
  }

  /** The dropped tokens that are recycled, best first. */
  static int[] candidates(float[] scores, int[] kept) {
    float[] left = scores.clone();
    IntStream.of(kept).forEach(j -> left[j] = Float.NaN);
    int dropped = scores.length - kept.length;
    return Ranking.best(left, recycledOf(dropped));
  }

  /** The text tokens above the mean, ascending; all if none is. */
  static int[] raters(float[] relevance) {
    double sum = 0;
    for (float value : relevance) {
      sum += value;
    }
    double mean = sum / relevance.length;
    int[] raters = IntStream.range(0, relevance.length).filter(t -> relevance[t] > mean).toArray();
    return raters.length > 0 ? raters : IntStream.range(0, relevance.length).toArray();
  }
}
