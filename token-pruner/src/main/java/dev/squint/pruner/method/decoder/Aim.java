package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.maths.Softmax;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Keeps the visual tokens with the highest PageRank in the attention of all prompt tokens: a few
 * steps without teleport in each head. AIM's pruning stage (arXiv 2412.03248); the authors drop an
 * eighth of all tokens after every layer from the middle of the decoder, so a plan has a step for
 * each.
 *
 * <p>The authors mask dropped tokens, which still contribute as queries in later layers; here they
 * are removed. Because attention is causal, the method favours the first rows of a picture.
 *
 * @param temperature divides the logits before the softmax; 0.1 in the paper
 * @param steps steps of PageRank; 5 in the paper
 */
public record Aim(double temperature, int steps) implements TokenScorer<LayerTokens> {
  private static final PromptSelfLogits LOGITS = new PromptSelfLogits();

  public Aim {
    if (!(temperature > 0) || steps < 1) {
      throw new IllegalArgumentException(
          "temperature must be above 0 and steps at least 1 but were %s and %d"
              .formatted(temperature, steps));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(LOGITS);
  }

  @Override
  public float[] score(LayerTokens tokens) {
    PromptLogits logits = tokens.evidence(LOGITS);
    float[] importance = importance(logits.perHead());
    int[] visual = logits.visual();
    float[] scores = new float[visual.length];
    for (int j = 0; j < scores.length; j++) {
      scores[j] = importance[visual[j]];
    }
    return scores;
  }

  /** A softmax with temperature over all pairs of prompt tokens, and the steps of PageRank. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    PromptLogits logits = tokens.evidence(LOGITS);
    double heads = logits.perHead().size();
    double all = logits.tokens();
    double moves = Operations.softmax(all, all) + all * all;
    double walk = steps * Operations.dots(1, all, all);
    return heads * (moves + walk + 3 * all) + all;
  }

  /**
   * PageRank of each token, root mean square over the heads, [S].
   *
   * @param perHead logits of all tokens for all tokens, [S, S] a head
   */
  float[] importance(List<Matrix> perHead) {
    int tokens = perHead.get(0).cols();
    double[] squares = new double[tokens];
    for (Matrix logits : perHead) {
      double[][] moves = new double[tokens][];
      for (int i = 0; i < tokens; i++) {
        moves[i] = moves(logits, i);
      }
      double[] share = new double[tokens];
      Arrays.fill(share, 1.0 / tokens);
      for (int step = 0; step < steps; step++) {
        double[] next = new double[tokens];
        for (int i = 0; i < tokens; i++) {
          for (int j = 0; j < tokens; j++) {
            next[j] += share[i] * moves[i][j];
          }
        }
        share = next;
      }
      for (int j = 0; j < tokens; j++) {
        squares[j] += share[j] * share[j] / perHead.size();
      }
    }
    float[] importance = new float[tokens];
    for (int j = 0; j < tokens; j++) {
      importance[j] = (float) Math.sqrt(squares[j]);
    }
    return importance;
  }

  private double[] moves(Matrix logits, int from) {
    return Softmax.of(logits.cols(), temperature, j -> logits.get(from, j));
  }
}
