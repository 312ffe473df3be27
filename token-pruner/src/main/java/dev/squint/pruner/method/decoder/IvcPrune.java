package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Keys;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.LayerValues;
import dev.squint.pruner.evidence.RotationMeans;
import dev.squint.pruner.evidence.TextValues;
import dev.squint.pruner.maths.Softmax;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Keeps the tokens that are coordinates for the others, as RoPE hardly rotates them or rotates them
 * by about 90 degrees, and those whose values are like the question's. IVC-Prune (arXiv
 * 2602.03060).
 *
 * <p>The likeness of a visual token to a query is the softmax over the visual tokens of the dot
 * products of their values / sqrt(headDim), mean over the heads. The tokens most like the text
 * after the picture are seeds and are kept; the rest of the budget goes to the tokens most like the
 * text and the seeds together.
 *
 * @param coordinates part of the budget for coordinates, half of it for the tokens nearest to the
 *     identity and half for those nearest to 90 degrees; a token may be both
 * @param seeds part of the visual tokens that become seeds, at least one
 */
public record IvcPrune(double coordinates, double seeds) implements Pruner<LayerTokens> {
  private static final LayerValues VALUES = new LayerValues();
  private static final TextValues TEXT = new TextValues();
  private static final RotationMeans ROTATION = new RotationMeans();

  public IvcPrune {
    if (!(coordinates >= 0 && coordinates <= 1)) {
      throw new IllegalArgumentException("coordinates must be in [0, 1] but was " + coordinates);
    }
    if (!(seeds >= 0 && seeds <= 1)) {
      throw new IllegalArgumentException("seeds must be in [0, 1] but was " + seeds);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(VALUES, TEXT, ROTATION);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    Matrix rotation = tokens.evidence(ROTATION);
    int references = Math.min(n, (int) Math.rint(total * coordinates / 2));
    Keys values = tokens.evidence(VALUES);
    double[] likeness = new double[n];
    addLikeness(likeness, tokens.evidence(TEXT), values);
    int[] best = Ranking.best(floats(likeness), seedCount(n));
    addLikeness(likeness, values.rows().rows(best), values);
    int[] kept =
        Stream.of(
                Ranking.best(column(rotation, 0), references),
                Ranking.best(column(rotation, 1), references),
                best,
                Ranking.descending(floats(likeness)))
            .flatMapToInt(Arrays::stream)
            .distinct()
            .limit(total)
            .sorted()
            .toArray();
    return TokenReduction.keep(n, kept);
  }

  private int seedCount(int n) {
    return Math.max(1, (int) Math.rint(n * seeds));
  }

  /** Adds the shares of each visual token in the queries' softmax, mean over the heads. */
  private static void addLikeness(double[] sums, Matrix queries, Keys values) {
    int size = values.rows().cols() / values.heads();
    for (int h = 0; h < values.heads(); h++) {
      int[] head = IntStream.range(h * size, (h + 1) * size).toArray();
      Matrix dots = queries.columns(head).timesTransposed(values.rows().columns(head));
      for (int q = 0; q < dots.rows(); q++) {
        int query = q;
        double[] shares = Softmax.of(sums.length, Math.sqrt(size), j -> dots.get(query, j));
        for (int j = 0; j < sums.length; j++) {
          sums[j] += shares[j] / values.heads();
        }
      }
    }
  }

  private static float[] column(Matrix rows, int col) {
    return rows.columns(new int[] {col}).data();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** Dot products, softmax and sum of text and seeds in each head. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    int n = tokens.size();
    Keys values = tokens.evidence(VALUES);
    double size = (double) values.rows().cols() / values.heads();
    double queries = tokens.evidence(TEXT).rows() + seedCount(n);
    return Operations.attention(values.heads(), queries, n, size)
        + 2 * values.heads() * queries * n;
  }
}
