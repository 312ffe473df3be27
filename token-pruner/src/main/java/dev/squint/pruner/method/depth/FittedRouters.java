package dev.squint.pruner.method.depth;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.maths.RidgeRegression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Routers for a decoder that was not trained with any: for each layer a linear function of a
 * token's hidden state that predicts the rank of its change. Ours; the papers train routers and
 * decoder together.
 *
 * <p>One set of weights holds two kinds: p-MoD's read hidden states and choose a share in each
 * layer; gamma-MoD's read normed ones and compare with a threshold.
 */
public final class FittedRouters {

  private static final double[] STRENGTHS = {1e-3, 1e-2, 1e-1, 1, 10};
  private static final double EPSILON = 1e-6;
  private static final int HELD_OUT = 4;
  // As gamma-MoD's weights write that a router decides about visual tokens.
  private static final float VISUAL_TOKENS = 2;

  /**
   * Visual tokens of one question at one layer.
   *
   * @param input of the layer, [N, D]
   * @param ranks how much the layer changes each, [N]
   */
  public record Sample(Matrix input, double[] ranks) {}

  /**
   * The router of one layer.
   *
   * @param plain function of the hidden state
   * @param normed function of the hidden state divided by its root mean square
   * @param correlation of predicted and true ranks of questions that were not fitted, mean over
   *     questions
   * @param thresholds sorted values of the normed function for the fitted tokens
   */
  public record Layer(
      RidgeRegression plain, RidgeRegression normed, double correlation, double[] thresholds) {}

  private FittedRouters() {}

  /**
   * Fits the router of a layer. Each fourth question is held out and decides the penalty.
   *
   * @param questions at least two
   * @throws IllegalArgumentException if there are fewer
   */
  public static Layer fit(List<Sample> questions) {
    if (questions.size() < 2) {
      throw new IllegalArgumentException(
          "routers need at least 2 questions but there are " + questions.size());
    }
    List<Sample> fitted = new ArrayList<>();
    List<Sample> held = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      (i % HELD_OUT == 1 ? held : fitted).add(questions.get(i));
    }
    RidgeRegression plain = best(fitted, held);
    List<Sample> fittedNormed = fitted.stream().map(FittedRouters::normed).toList();
    List<Sample> heldNormed = held.stream().map(FittedRouters::normed).toList();
    RidgeRegression normed = best(fittedNormed, heldNormed);
    double[] values =
        fittedNormed.stream()
            .flatMapToDouble(
                sample ->
                    IntStream.range(0, sample.input.rows())
                        .mapToDouble(row -> normed.of(sample.input, row)))
            .sorted()
            .toArray();
    return new Layer(plain, normed, correlation(plain, held), values);
  }

  private static RidgeRegression best(List<Sample> fitted, List<Sample> held) {
    RidgeRegression.Data data =
        new RidgeRegression.Data(
            fitted.stream().map(Sample::input).toList(),
            fitted.stream().map(Sample::ranks).toList());
    RidgeRegression best = data.fit(STRENGTHS[0]);
    for (double strength : STRENGTHS) {
      RidgeRegression next = data.fit(strength);
      if (correlation(next, held) > correlation(best, held)) {
        best = next;
      }
    }
    return best;
  }

  private static double correlation(RidgeRegression router, List<Sample> held) {
    return held.stream()
        .mapToDouble(
            sample ->
                TokenChange.correlation(
                    IntStream.range(0, sample.input.rows())
                        .mapToDouble(row -> router.of(sample.input, row))
                        .toArray(),
                    sample.ranks))
        .average()
        .orElse(0);
  }

  private static Sample normed(Sample sample) {
    Matrix input = sample.input;
    float[] normed = new float[input.data().length];
    for (int row = 0; row < input.rows(); row++) {
      double square = 0;
      for (int c = 0; c < input.cols(); c++) {
        square += (double) input.get(row, c) * input.get(row, c);
      }
      double norm = Math.sqrt(square / input.cols() + EPSILON);
      for (int c = 0; c < input.cols(); c++) {
        normed[row * input.cols() + c] = (float) (input.get(row, c) / norm);
      }
    }
    return new Sample(new Matrix(input.rows(), input.cols(), normed), sample.ranks);
  }

  /**
   * The weights of both kinds of routers, as {@link PMod#of} and {@link GammaMod#of} read them.
   * Layers' outputs are not weighed, and every token that is decoded runs through all layers.
   *
   * @param layers of the decoder, L
   * @param fitted routers by layer; one for each candidate
   * @param routed layers in which gamma-MoD's router decides
   * @param keep mean share of the visual tokens in a layer
   */
  public static TrainedWeights weights(
      int layers, Map<Integer, Layer> fitted, int[] routed, double keep) {
    int width = fitted.values().iterator().next().plain.weights().length;
    double share = RoutedDepths.share(layers, routed.length, keep);
    float[] biases = new float[layers];
    float[] plainBiases = new float[layers];
    fitted.forEach(
        (layer, router) -> {
          plainBiases[layer] = (float) router.plain.intercept();
          biases[layer] = (float) (router.normed.intercept() - threshold(router.thresholds, share));
        });
    float[] decides = new float[layers];
    IntStream.of(routed).forEach(layer -> decides[layer] = VISUAL_TOKENS);
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    double[] shares = RoutedDepths.cosine(layers, keep);
    float[] ratios = new float[layers];
    IntStream.range(0, layers).forEach(layer -> ratios[layer] = (float) shares[layer]);
    Map<String, Matrix> weights = new TreeMap<>();
    weights.put("router.weight", rows(layers, width, fitted, Layer::plain));
    weights.put("router.bias", Matrix.of(plainBiases));
    weights.put("ratio", Matrix.of(ratios));
    weights.put("router", Matrix.of(new float[width], ones));
    weights.put("gain", rows(layers, width, fitted, Layer::normed));
    weights.put("bias", Matrix.of(biases));
    weights.put("epsilon", number(EPSILON));
    weights.put("thresholds", Matrix.of(new float[] {0.5f, 0}));
    weights.put("routed", Matrix.of(decides));
    weights.put("in-place", number(1));
    weights.put("gate", number(0));
    return new TrainedWeights(weights);
  }

  private static Matrix rows(
      int layers, int width, Map<Integer, Layer> fitted, Function<Layer, RidgeRegression> of) {
    float[] rows = new float[layers * width];
    fitted.forEach(
        (layer, router) -> {
          double[] weights = of.apply(router).weights();
          for (int c = 0; c < width; c++) {
            rows[layer * width + c] = (float) weights[c];
          }
        });
    return new Matrix(layers, width, rows);
  }

  private static Matrix number(double value) {
    return Matrix.of(new float[] {(float) value});
  }

  /** The value that a share of the values is above. */
  private static double threshold(double[] sorted, double share) {
    int below = (int) Math.round((1 - share) * sorted.length);
    return below == 0
        ? Math.nextDown(sorted[0])
        : below == sorted.length ? sorted[below - 1] : (sorted[below - 1] + sorted[below]) / 2;
  }
}
