package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.UnrotatedLogits;
import dev.squint.pruner.maths.Softmax;
import java.util.Arrays;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Keeps the visual tokens of a uniform grid, and those that the last prompt token attends to most
 * if its attention is computed without RoPE and among the visual tokens alone, mean over the heads.
 * FEATHER (arXiv 2412.13180, section 5): RoPE makes early layers prefer the tokens that are nearest
 * to the question, which are those at the bottom of the picture.
 *
 * <p>The authors prune twice: after 8 of 32 layers with a stride of 3, and after 16 without a grid,
 * {@code layer8:feather(keep=0.4) + layer16:feather(keep=0.1, stride=0)}. There the grid comes in
 * addition to a share of the tokens. Here the budget counts all tokens: the grid is kept, and the
 * attention fills the rest. A budget below the grid keeps the best of the grid.
 *
 * @param stride of the grid in rows and columns of each tile; 0 for no grid
 */
public record Feather(int stride) implements Pruner<LayerTokens> {
  private static final UnrotatedLogits LOGITS = new UnrotatedLogits();

  public Feather {
    if (stride < 0) {
      throw new IllegalArgumentException("stride must be at least 0 but was " + stride);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(LOGITS);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    int[] best = Ranking.descending(attention(tokens.evidence(LOGITS).perHead()));
    IntPredicate onGrid = token -> isOnGrid(tokens.positions().get(token));
    int[] kept =
        IntStream.concat(
                IntStream.of(best).filter(onGrid), IntStream.of(best).filter(onGrid.negate()))
            .limit(budget.tokens(n))
            .sorted()
            .toArray();
    return TokenReduction.keep(n, kept);
  }

  private boolean isOnGrid(TokenPosition position) {
    return stride > 0 && position.row() % stride == 0 && position.col() % stride == 0;
  }

  /** Attention among the visual tokens, mean over the heads, [N]. */
  private static float[] attention(Matrix logits) {
    double[][] perHead = new double[logits.rows()][];
    for (int head = 0; head < perHead.length; head++) {
      int row = head;
      perHead[head] = Softmax.of(logits.cols(), 1, token -> logits.get(row, token));
    }
    float[] mean = new float[logits.cols()];
    for (int token = 0; token < mean.length; token++) {
      int col = token;
      mean[token] =
          (float) Arrays.stream(perHead).mapToDouble(head -> head[col]).average().orElse(0);
    }
    return mean;
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    int heads = tokens.evidence(LOGITS).perHead().rows();
    return Operations.softmax(heads, tokens.size()) + Operations.columnMeans(heads, tokens.size());
  }
}
