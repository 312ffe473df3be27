package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;

/**
 * A trained module of ATP-LLaVA (arXiv 2412.00447, equations 3 to 11, our reading). It computes two
 * thresholds for every tile: z = W [self; cross] + b from the tile's scores, and each threshold is
 * sigmoid(w z + b).
 *
 * <p>If W has two columns, it reads the means of both scores. Otherwise it reads the scores at
 * their positions in the tile, with zeros for dropped tokens, and fits tiles of one size only.
 */
public final class AtpModule {
  private final Matrix weights;
  private final float[] bias;
  private final float[] redundancyWeights;
  private final float redundancyBias;
  private final float[] spatialWeights;
  private final float spatialBias;
  private final int coarsest;
  private final boolean scaled;

  /**
   * Creates the module from the weights of one point.
   *
   * @param trained {@code weight} [E, 2 P], P the tokens of a whole tile, or [E, 2]; {@code bias}
   *     [E]; {@code redundancy.weight} and {@code spatial.weight} [E], {@code redundancy.bias} and
   *     {@code spatial.bias}; {@code coarsest}, the stride of the sparsest grid; {@code scaled}, 1
   *     if both scores are scaled to [0, 1] over the remaining tokens, else 0
   */
  AtpModule(TrainedWeights trained) {
    this.weights = trained.matrix("weight");
    this.bias = trained.vector("bias");
    this.redundancyWeights = trained.vector("redundancy.weight");
    this.redundancyBias = trained.number("redundancy.bias");
    this.spatialWeights = trained.vector("spatial.weight");
    this.spatialBias = trained.number("spatial.bias");
    this.coarsest = Math.max(1, Math.round(trained.number("coarsest")));
    this.scaled = trained.number("scaled") != 0;
  }

  TokenReduction reduce(LayerTokens tokens, Logits self, TextAttention cross, Budget budget) {
    AtpScores scores = AtpScores.of(tokens, self.perHead(), cross, coarsest, scaled);
    Matrix inputs = weights.cols() == 2 ? means(tokens, scores) : inPlace(tokens, scores);
    float[] redundancies = new float[tokens.size()];
    float[] spatials = new float[tokens.size()];
    for (int tile = 0; tile < inputs.rows(); tile++) {
      float[] embedding = embedding(Matrix.of(inputs.row(tile)));
      for (int j : tokens.ofTile(tile)) {
        redundancies[j] = redundancyThreshold(embedding);
        spatials[j] = spatialThreshold(embedding);
      }
    }
    return scores.above(redundancies, spatials, budget);
  }

  /** Number of {@link Operations} of the scores, embeddings and thresholds of all tiles. */
  double operations(LayerTokens tokens, Logits self, TextAttention cross) {
    double size = bias.length;
    double ofTile =
        Operations.dots(1, size, weights.cols()) + size + 2 * (Operations.dots(1, 1, size) + 4);
    double means = weights.cols() == 2 ? 4.0 * tokens.size() : 0;
    return AtpScores.operations(self.perHead(), cross, scaled)
        + means
        + tokens.tiles().size() * ofTile;
  }

  /** Scores at the positions of the tokens in their tile, zeros elsewhere, [tiles, 2 P]. */
  Matrix inPlace(LayerTokens tokens, AtpScores scores) {
    int places = weights.cols() / 2;
    float[][] inputs = new float[tokens.tiles().size()][2 * places];
    for (int j = 0; j < tokens.size(); j++) {
      TokenPosition position = tokens.positions().get(j);
      Tile tile = tokens.tiles().get(position.tile());
      if (tile.tokens() != places) {
        throw new IllegalArgumentException(
            "the module was trained for tiles of %d tokens but got %s".formatted(places, tile));
      }
      int place = position.row() * tile.cols() + position.col();
      inputs[position.tile()][place] = scores.self()[j];
      inputs[position.tile()][places + place] = scores.cross()[j];
    }
    return Matrix.of(inputs);
  }

  /**
   * Means of the scores over the remaining tokens of each tile, [tiles, 2]; zeros for empty tiles.
   */
  private static Matrix means(LayerTokens tokens, AtpScores scores) {
    float[][] means = new float[tokens.tiles().size()][2];
    for (int tile = 0; tile < means.length; tile++) {
      int[] here = tokens.ofTile(tile);
      for (int j : here) {
        means[tile][0] += scores.self()[j] / here.length;
        means[tile][1] += scores.cross()[j] / here.length;
      }
    }
    return Matrix.of(means);
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

  public static double sigmoid(double x) {
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
