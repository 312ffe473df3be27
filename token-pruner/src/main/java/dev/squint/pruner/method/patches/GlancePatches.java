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
import dev.squint.pruner.evidence.FirstLook;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Encodes evenly spaced groups of patches first, and then those others that lie where the first
 * ones are attended to or relevant. For models that see a picture in one view.
 *
 * <p>Our own; LookWhere (arXiv 2505.18051) trains a selector on a low resolution for this. Both
 * sets go through the encoder by themselves, so the encoder's work is that of the kept groups. The
 * score of a group is the mean of the scores of its tile's first tokens, weighted by a Gaussian of
 * the distance whose width is the spacing of the first groups. A budget of no more than the first
 * groups keeps the best of these.
 *
 * @param first share of each tile's groups that is encoded first
 * @param guide what decides
 */
public record GlancePatches(double first, Guide guide) implements Pruner<PatchGroups> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final double TEMPERATURE = 0.1;

  /** What scores the first tokens. */
  public enum Guide {
    /** Attention of the CLS token, or of all patches. */
    ATTENTION,
    /** Likeness to the question's words, {@link TextGuided}. */
    WORDS,
    /** The trained head of the package. */
    HEAD
  }

  public GlancePatches {
    if (!(first > 0 && first < 1)) {
      throw new IllegalArgumentException("first must be in (0, 1) but was " + first);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(look());
  }

  private FirstLook look() {
    return new FirstLook(first, guide == Guide.ATTENTION ? Set.of(ATTENTION) : guided().needs());
  }

  private TextGuided guided() {
    return new TextGuided(
        guide == Guide.HEAD ? TextGuided.Guide.HEAD : TextGuided.Guide.WORDS, TEMPERATURE);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    int n = groups.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    PatchTokens looked = groups.evidence(look());
    float[] values =
        guide == Guide.ATTENTION
            ? looked.evidence(ATTENTION).perHead().columnMeans()
            : ViewScores.relevance(guided(), looked, guide == Guide.HEAD ? 1 : TEMPERATURE);
    float[] scores = scores(groups, looked, values);
    return TokenReduction.keep(n, Ranking.top(scores, total));
  }

  /** The first groups rank before all others, each kind by its scores, [G]. */
  private float[] scores(PatchGroups groups, PatchTokens looked, float[] values) {
    Map<TokenPosition, Integer> places = new HashMap<>();
    for (int i = 0; i < looked.size(); i++) {
      places.put(looked.positions().get(i), i);
    }
    float[] scores = new float[groups.size()];
    float most = 0;
    for (int t = 0; t < groups.tiles().size(); t++) {
      int[] near = looked.tiles().size() > t ? looked.ofTile(t) : new int[0];
      for (int group : groups.ofTile(t)) {
        scores[group] = near.length == 0 ? 0 : weighted(groups, group, looked, near, values);
        most = Math.max(most, scores[group]);
      }
    }
    for (float value : values) {
      most = Math.max(most, value);
    }
    for (int group = 0; group < scores.length; group++) {
      Integer own = places.get(groups.positions().get(group));
      if (own != null) {
        scores[group] = 1 + 2 * most + values[own];
      }
    }
    return scores;
  }

  private float weighted(
      PatchGroups groups, int group, PatchTokens looked, int[] near, float[] values) {
    TokenPosition at = groups.positions().get(group);
    double sum = 0;
    double weights = 1e-30;
    for (int token : near) {
      TokenPosition other = looked.positions().get(token);
      double down = at.row() - other.row();
      double across = at.col() - other.col();
      double weight = Math.exp(-(down * down + across * across) * first / 2);
      sum += weight * values[token];
      weights += weight;
    }
    return (float) (sum / weights);
  }

  /** The scores of the first tokens, and for each pair of a group and one of them its weight. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    PatchTokens looked = groups.evidence(look());
    double scores =
        guide == Guide.ATTENTION
            ? Operations.columnMeans(looked.evidence(ATTENTION).perHead().rows(), looked.size())
            : ViewScores.operations(guided(), looked) + Operations.softmax(1, looked.size());
    double pairs =
        IntStream.range(0, groups.tiles().size())
            .mapToDouble(
                t ->
                    (double) groups.ofTile(t).length
                        * (looked.tiles().size() > t ? looked.ofTile(t).length : 0))
            .sum();
    return scores + 10 * pairs + groups.size();
  }
}
