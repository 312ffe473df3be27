package dev.squint.eval.cost;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Operations of a decoder by layer, counted in its graph. A multiplication and an addition count as
 * two.
 *
 * @param perToken operations for each token in each layer with a cache, without attention; layers
 *     without one are counted at the layer before them
 * @param queries width of the queries in each of these layers, all heads together; for layers that
 *     share keys, the sum
 * @param output operations of the output layer for one row of logits
 * @param uncached number of layers without a cache of their own: convolutions, and attention with
 *     the keys of an earlier layer
 */
public record LayerWork(List<Double> perToken, List<Double> queries, double output, int uncached) {

  /** Copies of the lists. */
  public LayerWork {
    perToken = List.copyOf(perToken);
    queries = List.copyOf(queries);
  }

  /**
   * Operations of a prefill, with one row of logits.
   *
   * @param tokens of each layer with a cache; where layers ran twice or were skipped, the mean of
   *     the layers is counted for each number
   */
  public double prefill(List<? extends Number> tokens) {
    double operations = output;
    for (int i = 0; i < tokens.size(); i++) {
      double n = tokens.get(i).doubleValue();
      operations += n * at(perToken, i, tokens) + 4 * n * n * at(queries, i, tokens);
    }
    return operations;
  }

  /** Operations of layers {@code first} to {@code end} (exclusive) on some tokens. */
  public double run(int first, int end, double tokens) {
    double operations = 0;
    for (int i = first; i < end; i++) {
      operations += tokens * perToken.get(i) + 4 * tokens * tokens * queries.get(i);
    }
    return operations;
  }

  /**
   * Operations of one decode step.
   *
   * @param cached tokens that it attends to per layer, including itself
   */
  public double step(List<? extends Number> cached) {
    double operations = output;
    for (int i = 0; i < cached.size(); i++) {
      operations +=
          at(perToken, i, cached) + 4 * cached.get(i).doubleValue() * at(queries, i, cached);
    }
    return operations;
  }

  /** The layers' tokens, and those of the layers without a cache, which see what the last sees. */
  List<Number> ofAllLayers(List<? extends Number> tokens) {
    List<Number> all = new ArrayList<>(tokens);
    if (!tokens.isEmpty()) {
      all.addAll(Collections.nCopies(uncached, tokens.get(tokens.size() - 1)));
    }
    return all;
  }

  private static double at(List<Double> values, int i, List<? extends Number> tokens) {
    return values.size() == tokens.size()
        ? values.get(i)
        : values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
