package dev.squint.llm.model;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TrainedWeights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the mean features of the training's pictures lie, so that a picture unlike all of them is
 * recognised: their mean, and a matrix under which their covariance is the identity. A picture is
 * outside if its Mahalanobis distance is above a threshold.
 *
 * @param mean [1, D], D the values of a visual token
 * @param whitening [D, D]
 * @param threshold the largest distance of a picture that is like those of the training
 */
public record TrainingDomain(Matrix mean, Matrix whitening, double threshold) {

  private static final String NAME = "domain";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if they do not match or the threshold is not positive
   */
  public TrainingDomain {
    int width = mean.cols();
    if (mean.rows() != 1 || whitening.rows() != width || whitening.cols() != width) {
      throw new IllegalArgumentException(
          "has a mean of %d x %d and a whitening of %d x %d; they must be 1 x D and D x D"
              .formatted(mean.rows(), width, whitening.rows(), whitening.cols()));
    }
    if (!(threshold > 0)) {
      throw new IllegalArgumentException(
          "has the threshold %s; it must be above 0".formatted(threshold));
    }
  }

  /**
   * What a package names as {@code domain} in {@code squint.json}, if it does.
   *
   * @throws IllegalArgumentException if the file is missing or broken; the message names it
   */
  public static Optional<TrainingDomain> of(ModelPackage model) {
    Optional<Path> file = model.squintFile(NAME);
    try {
      return file.map(TrainingDomain::read);
    } catch (IllegalArgumentException e) {
      throw model.broken(model.relative(file.orElseThrow()), String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException saying what is wrong with the file
   */
  public static TrainingDomain read(Path file) {
    TrainedWeights weights = Safetensors.read(file);
    return new TrainingDomain(
        weights.matrix("mean"), weights.matrix("whitening"), weights.matrix("threshold").get(0, 0));
  }

  /** Writes a file that {@link #read} reads. */
  public void write(Path file) {
    Map<String, Matrix> tensors = new LinkedHashMap<>();
    tensors.put("mean", mean);
    tensors.put("whitening", whitening);
    tensors.put("threshold", new Matrix(1, 1, new float[] {(float) threshold}));
    Safetensors.write(file, tensors);
  }

  /**
   * Mean of the visual tokens of one tile, [D]; a merged token counts as often as it has patches
   * times, so that merging tokens inside the encoder changes the mean little. Empty if no token of
   * the tile is left.
   */
  public static Optional<float[]> meanFeature(PatchTokens tokens, int tile) {
    int[] rows = tokens.ofTile(tile);
    if (rows.length == 0) {
      return Optional.empty();
    }
    int[] patches = tokens.patches();
    Matrix features = tokens.features();
    double[] sums = new double[features.cols()];
    long count = 0;
    for (int row : rows) {
      count += patches[row];
      for (int c = 0; c < sums.length; c++) {
        sums[c] += (double) patches[row] * features.get(row, c);
      }
    }
    float[] means = new float[sums.length];
    for (int c = 0; c < sums.length; c++) {
      means[c] = (float) (sums[c] / count);
    }
    return Optional.of(means);
  }

  /**
   * Mahalanobis distance of a mean feature, [D], from the training's pictures.
   *
   * @throws IllegalArgumentException if it has another width
   */
  public double distance(float[] feature) {
    int width = mean.cols();
    if (feature.length != width) {
      throw new IllegalArgumentException(
          "visual tokens have %d values but the domain was fitted to %d"
              .formatted(feature.length, width));
    }
    double square = 0;
    for (int r = 0; r < width; r++) {
      double sum = 0;
      for (int c = 0; c < width; c++) {
        sum += (double) whitening.get(r, c) * (feature[c] - mean.get(0, c));
      }
      square += sum * sum;
    }
    return Math.sqrt(square);
  }

  /** Whether a picture with this mean feature, [D], is unlike those of the training. */
  public boolean isOutside(float[] feature) {
    return distance(feature) > threshold;
  }
}
