package dev.squint.pruner;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Weights of a trained method by name; a vector is a matrix of one row. Immutable.
 *
 * <p>Names that start with a point between decoder layers, such as {@code layer2.weight}, belong to
 * that point. All other names apply to every point.
 */
public final class TrainedWeights {
  private static final Pattern OF_A_POINT = Pattern.compile("layer[0-9]+\\..*");

  private final Map<String, Matrix> tensors;

  /** Weights by name; the matrices must not be changed afterwards. */
  public TrainedWeights(Map<String, Matrix> tensors) {
    this.tensors = new TreeMap<>(tensors);
  }

  /** All matrices by name, ordered by it. */
  public Map<String, Matrix> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** The points with separate weights, in order; empty if all weights apply to every point. */
  public List<Point> points() {
    return tensors.keySet().stream()
        .filter(name -> OF_A_POINT.matcher(name).matches())
        .map(name -> Point.parse(name.substring(0, name.indexOf('.'))))
        .distinct()
        .sorted()
        .toList();
  }

  /** The weights for one point, with names without its prefix. */
  public TrainedWeights at(Point point) {
    String prefix = point + ".";
    return new TrainedWeights(
        tensors.entrySet().stream()
            .filter(
                tensor ->
                    tensor.getKey().startsWith(prefix)
                        || !OF_A_POINT.matcher(tensor.getKey()).matches())
            .collect(
                Collectors.toMap(
                    tensor ->
                        tensor.getKey().startsWith(prefix)
                            ? tensor.getKey().substring(prefix.length())
                            : tensor.getKey(),
                    Map.Entry::getValue)));
  }

  /**
   * The matrix of this name.
   *
   * @throws IllegalArgumentException listing the available names
   */
  public Matrix matrix(String name) {
    Matrix matrix = tensors.get(name);
    if (matrix == null) {
      throw new IllegalArgumentException(
          "the trained weights have no '%s'; available are %s".formatted(name, tensors.keySet()));
    }
    return matrix;
  }

  /** Whether there is a matrix of this name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The vector of this name.
   *
   * @throws IllegalArgumentException when there is no such name, or it is a matrix
   */
  public float[] vector(String name) {
    Matrix matrix = matrix(name);
    if (matrix.rows() != 1) {
      throw new IllegalArgumentException(
          "'%s' of the trained weights must be a vector but is %s".formatted(name, matrix));
    }
    return matrix.row(0);
  }

  /**
   * The number of this name.
   *
   * @throws IllegalArgumentException when there is no such name, or it has more than one number
   */
  public float number(String name) {
    float[] vector = vector(name);
    if (vector.length != 1) {
      throw new IllegalArgumentException(
          "'%s' of the trained weights must be one number but has %d"
              .formatted(name, vector.length));
    }
    return vector[0];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TrainedWeights weights && tensors.equals(weights.tensors);
  }

  @Override
  public int hashCode() {
    return tensors.hashCode();
  }

  @Override
  public String toString() {
    return "TrainedWeights" + tensors;
  }
}
