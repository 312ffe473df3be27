package dev.squint.pruner.method;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import java.util.Set;

/**
 * A trained module of ATP-LLaVA (arXiv 2412.00447, equations 3 to 11, our reading): keeps visual
 * tokens above thresholds that it finds for every input. Weights come from the caller.
 *
 * <p>The module reads the scores of all tokens of one tile in their places, zeros where tokens are
 * gone, so it fits one size of pictures.
 */
public final class AtpModule implements Pruner<LayerTokens> {
  private final Matrix weights;
  private final float[] bias;
  private final float[] redundancyWeights;
  private final float redundancyBias;
  private final float[] spatialWeights;
  private final float spatialBias;
  private final int coarsest;

  /**
   * @param weights [E, 2 P], P the tokens of a whole picture
   * @param bias [E]
   * @param redundancyWeights [E]
   * @param spatialWeights [E]
   * @param coarsest stride of the sparsest grid
   */
  public AtpModule(
      Matrix weights,
      float[] bias,
      float[] redundancyWeights,
      float redundancyBias,
      float[] spatialWeights,
      float spatialBias,
      int coarsest) {
    this.weights = weights;
    this.bias = bias.clone();
    this.redundancyWeights = redundancyWeights.clone();
    this.redundancyBias = redundancyBias;
    this.spatialWeights = spatialWeights.clone();
    this.spatialBias = spatialBias;
    this.coarsest = coarsest;
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(AtpStyle.SELF, AtpStyle.CROSS);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    AtpScores scores =
        AtpScores.of(
            tokens, tokens.evidence(AtpStyle.SELF), tokens.evidence(AtpStyle.CROSS), coarsest);
    float[] embedding = embedding(inPlace(tokens, scores));
    return scores.above(redundancyThreshold(embedding), spatialThreshold(embedding), budget);
  }

  /** Scores of the tokens where they were in the picture, zeros elsewhere, [1, 2 P]. */
  Matrix inPlace(LayerTokens tokens, AtpScores scores) {
    int places = weights.cols() / 2;
    if (tokens.tiles().size() != 1 || tokens.tiles().get(0).tokens() != places) {
      throw new IllegalArgumentException(
          "the module was trained for pictures of one tile of %d tokens but was given %s"
              .formatted(places, tokens));
    }
    float[] input = new float[2 * places];
    for (int j = 0; j < tokens.size(); j++) {
      TokenPosition position = tokens.positions().get(j);
      int place = position.row() * tokens.tiles().get(0).cols() + position.col();
      input[place] = scores.self()[j];
      input[places + place] = scores.cross()[j];
    }
    return new Matrix(1, input.length, input);
  }

  /** W x + b, [E]. */
  float[] embedding(Matrix input) {
    float[] embedding = weights.timesTransposed(input).data().clone();
    for (int e = 0; e < embedding.length; e++) {
      embedding[e] += bias[e];
    }
    return embedding;
  }

  float redundancyThreshold(float[] embedding) {
    return (float) sigmoid(dot(redundancyWeights, embedding) + redundancyBias);
  }

  float spatialThreshold(float[] embedding) {
    return (float) sigmoid(dot(spatialWeights, embedding) + spatialBias);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
