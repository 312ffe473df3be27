package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.maths.RelevanceHead;
import java.util.Set;

/**
 * Keeps the tokens most relevant to the question: those nearest to its words in the language
 * model's embedding space, or those that a trained head of the package selects ({@link
 * RelevanceHead}).
 *
 * <p>Our own rule. By words: from the cosines C [N, T] between tokens and words, each word's mean
 * over the tokens is subtracted, because visual tokens share one strong direction that is not
 * specific to the question. The weight of a word is w = softmax over words of max_j C[j, t] /
 * temperature, so that words without a matching token, such as "what" and "the", have little
 * weight. The score of a token is the weighted mean of its cosines.
 *
 * @param guide source of the scores
 * @param temperature temperature of the softmax over the words; a smaller one gives weight to fewer
 *     words
 */
public record TextGuided(Guide guide, double temperature) implements TokenScorer<PatchTokens> {
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();
  private static final Trained HEAD = new Trained("relevance");

  /** Source of the scores. */
  public enum Guide {
    /** The cosines of tokens and words, without training. */
    WORDS,
    /** The trained head of the package. */
    HEAD
  }

  public TextGuided {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return guide == Guide.HEAD ? Set.of(QUESTION, HEAD) : Set.of(QUESTION);
  }

  @Override
  public float[] score(PatchTokens tokens) {
    Matrix question = tokens.evidence(QUESTION);
    if (guide == Guide.HEAD) {
      return new RelevanceHead(tokens.evidence(HEAD)).logits(tokens.features(), question);
    }
    Matrix raw = tokens.features().unitRows().timesTransposed(question.unitRows());
    Matrix cosines = raw.minus(raw.columnMeans());
    double[] weights = wordWeights(cosines);
    float[] scores = new float[cosines.rows()];
    for (int j = 0; j < scores.length; j++) {
      double sum = 0;
      for (int t = 0; t < weights.length; t++) {
        sum += weights[t] * cosines.get(j, t);
      }
      scores[j] = (float) sum;
    }
    return scores;
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return operations(tokens, tokens.size());
  }

  /**
   * Number of operations to score {@code tokens} tokens with the question and the weights of a set.
   */
  public double operations(PatchTokens known, int tokens) {
    Matrix question = known.evidence(QUESTION);
    double words = question.rows();
    double size = question.cols();
    if (guide == Guide.HEAD) {
      return new RelevanceHead(known.evidence(HEAD)).operations(tokens, question.rows());
    }
    double cosines =
        Operations.unitRows(tokens, size)
            + Operations.unitRows(words, size)
            + Operations.dots(tokens, words, size);
    double centred = Operations.columnMeans(tokens, words) + tokens * words;
    return cosines + centred + Operations.softmax(1, words) + words + 2 * tokens * words;
  }

  /** softmax over words of max_j C[j, t] / temperature, [T]. */
  private double[] wordWeights(Matrix cosines) {
    double[] weights = new double[cosines.cols()];
    double sum = 0;
    for (int t = 0; t < weights.length; t++) {
      float best = -1;
      for (int j = 0; j < cosines.rows(); j++) {
        best = Math.max(best, cosines.get(j, t));
      }
      weights[t] = Math.exp((best - 1) / temperature);
      sum += weights[t];
    }
    for (int t = 0; t < weights.length; t++) {
      weights[t] /= sum;
    }
    return weights;
  }
}
