package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TextToText;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextSelfAttention;
import java.util.List;
import java.util.Set;

/**
 * Keeps the visual tokens that the question attends to. In each head a word is weighted by the
 * attention between it and the other words, in both directions. AdaptInfer (arXiv 2508.06084); the
 * authors prune after 2, 11 and 21 layers of LLaVA-1.5 and renumber positions from 0.
 *
 * @param blend how much the weights of words may differ, in [0, 1]; 0 gives all words the same
 *     weight
 */
public record AdaptInfer(double blend) implements TokenScorer<LayerTokens> {
  private static final TextQueryAttention TO_VISUAL = new TextQueryAttention();
  private static final TextSelfAttention TO_TEXT = new TextSelfAttention();

  public AdaptInfer {
    if (!(blend >= 0 && blend <= 1)) {
      throw new IllegalArgumentException("blend must be in [0, 1] but was " + blend);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(TO_VISUAL, TO_TEXT);
  }

  @Override
  public Continuation continuation() {
    return Continuation.RENUMBER;
  }

  @Override
  public float[] score(LayerTokens tokens) {
    List<Matrix> attention = tokens.evidence(TO_VISUAL).rows();
    Matrix weights = wordWeights(tokens.evidence(TO_TEXT));
    if (attention.size() != weights.cols()) {
      throw new IllegalArgumentException(
          "both kinds of attention must have the same words but %d words attend to the picture and %d to each other"
              .formatted(attention.size(), weights.cols()));
    }
    double[] sums = new double[tokens.size()];
    for (int word = 0; word < attention.size(); word++) {
      Matrix heads = attention.get(word);
      for (int h = 0; h < heads.rows(); h++) {
        for (int j = 0; j < sums.length; j++) {
          sums[j] += (double) weights.get(h, word) * heads.get(h, j);
        }
      }
    }
    float[] scores = new float[sums.length];
    for (int j = 0; j < sums.length; j++) {
      scores[j] = (float) sums[j];
    }
    return scores;
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    double words = tokens.evidence(TO_TEXT).tokens();
    double heads = tokens.evidence(TO_TEXT).perHead().size();
    // Both directions of each pair of words, their sums and the sum of all; then words by tokens.
    return heads * words * (3 * words + 2) + 2 * heads * words * tokens.size();
  }

  /** Weight of each word in each head, [H, T]: row sums of A + A' - diag(A), A its [T, T]. */
  Matrix wordWeights(TextToText text) {
    int words = text.tokens();
    int heads = text.perHead().size();
    double total = 0;
    double[] sums = new double[heads * words];
    for (int h = 0; h < heads; h++) {
      Matrix attention = text.perHead().get(h);
      for (int u = 0; u < words; u++) {
        for (int t = 0; t < words; t++) {
          float symmetric =
              u == t ? attention.get(t, t) : attention.get(u, t) + attention.get(t, u);
          sums[h * words + t] += symmetric;
          total += symmetric;
        }
      }
    }
    double even = (1 - blend) * total / sums.length;
    float[] weights = new float[sums.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (even + blend * sums[i]);
    }
    return new Matrix(heads, words, weights);
  }
}
