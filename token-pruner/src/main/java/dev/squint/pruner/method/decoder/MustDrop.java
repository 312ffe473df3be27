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
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.TextQueryAttention;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Drops visual tokens that receive too little attention from all words together and not enough from
 * any single word. Tokens with high CLS attention in the encoder are always kept. MustDrop's
 * prefilling stage (arXiv 2411.10803); the authors prune after 3, 7, 11 and 15 layers and renumber
 * positions from 0.
 *
 * <p>Under the bounds of a budget the tokens with the largest attention of all words are kept. At
 * least the token with the largest attention is kept.
 *
 * @param together least share of the attention to all visual tokens for a token to be kept; 0.001
 *     to 0.011 in the paper
 * @param single least attention of one word, mean over the heads, for a token to be kept; 0.001 to
 *     0.01 in the paper
 * @param protect share of the encoder's tokens that are always kept; 0.08 in the paper, 0 for
 *     encoders without attention outputs
 */
public record MustDrop(double together, double single, double protect)
    implements Pruner<LayerTokens> {
  private static final TextQueryAttention TEXT = new TextQueryAttention();
  private static final ClsAttention CLS = new ClsAttention(-1);

  public MustDrop {
    if (!(together >= 0 && single >= 0 && protect >= 0 && protect <= 1)) {
      throw new IllegalArgumentException(
          "together and single must be at least 0 and protect in [0, 1] but were %s, %s and %s"
              .formatted(together, single, protect));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return protect > 0 ? Set.of(TEXT, CLS) : Set.of(TEXT);
  }

  @Override
  public Continuation continuation() {
    return Continuation.RENUMBER;
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    Matrix words = meanOverHeads(tokens.evidence(TEXT));
    int[] preferred = filter(words, protectedTokens(tokens));
    int count = budget.tokens(n, Math.max(1, preferred.length));
    if (count == preferred.length) {
      return TokenReduction.keep(n, preferred);
    }
    // The method's own choice comes first; the budget's bounds then follow attention.
    float[] order = words.columnSums();
    for (int kept : preferred) {
      order[kept] += words.rows();
    }
    return TokenReduction.keep(n, Ranking.top(order, count));
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    TextAttention text = tokens.evidence(TEXT);
    double words = text.rows().size();
    double n = tokens.size();
    double encoder =
        protect == 0 ? 0 : Operations.columnMeans(tokens.evidence(CLS).perHead().rows(), n);
    return words * Operations.columnMeans(text.rows().get(0).rows(), n) + (words + 1) * n + encoder;
  }

  /**
   * Kept tokens, ascending.
   *
   * @param words attention of each word to each visual token, mean over the heads, [T, N]
   * @param always tokens that are always kept
   */
  int[] filter(Matrix words, int[] always) {
    float[] sums = words.columnSums();
    float[] most = most(words);
    double total = 0;
    for (float sum : sums) {
      total += sum;
    }
    float least = (float) (together * total);
    boolean[] stay = new boolean[sums.length];
    for (int j = 0; j < stay.length; j++) {
      stay[j] = !(sums[j] < least && most[j] < single);
    }
    IntStream.of(always).forEach(j -> stay[j] = true);
    return IntStream.range(0, stay.length).filter(j -> stay[j]).toArray();
  }

  /** Attention of each word to each visual token, mean over the heads, [T, N]. */
  static Matrix meanOverHeads(TextAttention text) {
    return Matrix.of(text.rows().stream().map(Matrix::columnMeans).toArray(float[][]::new));
  }

  /** The largest attention of a single word to each visual token, [N]. */
  static float[] most(Matrix words) {
    float[] most = words.row(0);
    for (int t = 1; t < words.rows(); t++) {
      for (int j = 0; j < most.length; j++) {
        most[j] = Math.max(most[j], words.get(t, j));
      }
    }
    return most;
  }

  private int[] protectedTokens(LayerTokens tokens) {
    if (protect == 0) {
      return new int[0];
    }
    int encoded = tokens.tiles().stream().mapToInt(Tile::tokens).sum();
    int count = Math.min(tokens.size(), (int) Math.ceil(protect * encoded));
    return Ranking.top(tokens.evidence(CLS).meanOverHeads(), count);
  }
}
