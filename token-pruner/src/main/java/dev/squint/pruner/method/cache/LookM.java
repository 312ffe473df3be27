package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.AccumulatedAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps all text, and of the pictures the rows that have received the most attention. Each other
 * row is merged into the kept row with the most similar key. LOOK-M (arXiv 2406.18139), once after
 * prefill.
 *
 * <p>Text may exceed the budget; then only the text and the newest rows are kept.
 *
 * @param merging how rows merge
 * @param recent part of the budget that goes to the newest rows
 * @param textPrior whether all text is kept; otherwise the first 4 rows are kept and all others
 *     compete
 */
public record LookM(Merging merging, double recent, boolean textPrior) implements CachePolicy {
  private static final AccumulatedAttention ATTENTION = new AccumulatedAttention();
  private static final int FIRST = 4;

  /** How rows are merged into a kept row. */
  public enum Merging {
    /** Mean of the kept row and of the midpoints between it and each merged row. */
    PIVOT,
    /**
     * Mean of the kept row and of the merged rows times their similarity; rows of below-average
     * similarity are dropped.
     */
    WEIGHTED,
    /**
     * Mean of the kept row and of the merged rows; rows of below-average similarity are dropped.
     */
    AVERAGED,
    /** The average of the authors' code, which reads wrong rows because of an index error. */
    AVERAGED_AS_CODED
  }

  public LookM {
    if (!(recent >= 0 && recent <= 1)) {
      throw new IllegalArgumentException("recent must be in [0, 1] but was " + recent);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    int count = cache.rowsOf(budget);
    int rows = cache.rows();
    if (rows <= count) {
      return CacheDecision.keepAll(cache);
    }
    int newest = (int) Math.rint(count * recent);
    List<int[]> kept = new ArrayList<>();
    for (int h = 0; h < cache.heads(); h++) {
      kept.add(kept(cache, h, count - newest, newest));
    }
    return kept.get(0).length == rows
        ? CacheDecision.keepAll(cache)
        : CacheDecision.rows(cache, merged(cache.keys(), kept));
  }

  /** Cosines between the keys of merged and of kept rows. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    TokenReduction first = decision.rows().get(0);
    double size = cache.keys().get(0).cols();
    double gone = cache.rows() - first.after();
    return gone == 0
        ? 0
        : cache.heads()
            * (Operations.unitRows(cache.rows(), size)
                + Operations.dots(gone, first.after(), size));
  }

  private int[] kept(CachedTokens cache, int head, int highest, int newest) {
    float[] scores = cache.evidence(ATTENTION).perHead().row(head);
    int earlier = scores.length - newest;
    boolean[] visual = cache.visual(head);
    int always = 0;
    for (int i = 0; i < earlier; i++) {
      if (textPrior ? !visual[i] : i < FIRST) {
        scores[i] = Float.POSITIVE_INFINITY;
        always++;
      }
    }
    int count = textPrior ? Math.max(always, highest) : highest;
    return H2o.kept(scores, Math.min(count, earlier), newest);
  }

  /** The reduction of each head's rows. */
  private List<TokenReduction> merged(List<Matrix> keys, List<int[]> kept) {
    int heads = keys.size();
    int rows = keys.get(0).rows();
    int[][] gone = new int[heads][];
    int[][] target = new int[heads][];
    float[][] likeness = new float[heads][];
    for (int h = 0; h < heads; h++) {
      boolean[] stays = new boolean[rows];
      IntStream.of(kept.get(h)).forEach(i -> stays[i] = true);
      gone[h] = IntStream.range(0, rows).filter(i -> !stays[i]).toArray();
      Matrix unit = keys.get(h).unitRows();
      Matrix cosines = unit.rows(gone[h]).timesTransposed(unit.rows(kept.get(h)));
      target[h] = new int[gone[h].length];
      likeness[h] = new float[gone[h].length];
      for (int p = 0; p < gone[h].length; p++) {
        for (int t = 1; t < cosines.cols(); t++) {
          target[h][p] = cosines.get(p, t) > cosines.get(p, target[h][p]) ? t : target[h][p];
        }
        likeness[h][p] = cosines.get(p, target[h][p]);
      }
    }
    int[] chosen = merging == Merging.PIVOT ? range(gone[0].length) : similar(likeness);
    List<TokenReduction> reductions = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      reductions.add(merged(rows, kept.get(h), gone[h], target[h], likeness[h], chosen));
    }
    return reductions;
  }

  private static int[] range(int length) {
    return IntStream.range(0, length).toArray();
  }

  /**
   * Indices among the rows to merge, the same in every head, whose mean similarity over the heads
   * is at least the overall mean.
   */
  private static int[] similar(float[][] likeness) {
    float[] means = Matrix.of(likeness).columnMeans();
    double sum = 0;
    for (float mean : means) {
      sum += mean;
    }
    float mean = (float) (sum / means.length);
    return IntStream.range(0, means.length).filter(p -> means[p] >= mean).toArray();
  }

  private TokenReduction merged(
      int rows, int[] kept, int[] gone, int[] target, float[] likeness, int[] chosen) {
    int[] group = new int[rows];
    Arrays.fill(group, -1);
    List<List<Integer>> places = new ArrayList<>();
    for (int t = 0; t < kept.length; t++) {
      group[kept[t]] = t;
      places.add(new ArrayList<>());
    }
    for (int c = 0; c < chosen.length; c++) {
      places.get(target[chosen[c]]).add(c);
      group[gone[chosen[c]]] = target[chosen[c]];
    }
    int[][] sources = new int[kept.length][];
    float[][] weights = new float[kept.length][];
    for (int t = 0; t < kept.length; t++) {
      int members = places.get(t).size();
      sources[t] = new int[members + 1];
      weights[t] = new float[members + 1];
      sources[t][0] = kept[t];
      weights[t][0] = (merging == Merging.PIVOT ? 1 + members / 2f : 1) / (1 + members);
      for (int m = 0; m < members; m++) {
        int place = places.get(t).get(m);
        sources[t][m + 1] = gone[merging == Merging.AVERAGED_AS_CODED ? place : chosen[place]];
        weights[t][m + 1] = part(likeness[chosen[place]]) / (1 + members);
      }
    }
    return TokenReduction.mix(kept, group, sources, weights);
  }

  private float part(float likeness) {
    return switch (merging) {
      case PIVOT -> 0.5f;
      case WEIGHTED -> likeness;
      case AVERAGED, AVERAGED_AS_CODED -> 1;
    };
  }
}
