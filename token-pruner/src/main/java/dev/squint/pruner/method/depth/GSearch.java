package dev.squint.pruner.method.depth;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerSchedule;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.method.decoder.DepthSchedule;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * FastV with a number of tokens for every layer: a schedule that a calibration found, or P-Sigmoid
 * under a budget. G-Search (arXiv 2412.00556, our reading; {@link DepthSchedule} has the search).
 *
 * @param budget mean share of the visual tokens in the decoder's layers, in (0, 1]; the first layer
 *     has all
 * @param steepness how fast the curve falls; 0 where the model is yet to be asked which suits it
 * @param file calibration with the schedule; {@value #NO_FILE} for the curve
 */
public record GSearch(double budget, double steepness, String file) implements LayerSchedule {
  /** The value of {@code file} where no file is named. */
  public static final String NO_FILE = "none";

  public GSearch {
    if (!(budget > 0 && budget <= 1) || !(steepness >= 0 && steepness <= 1000)) {
      throw new IllegalArgumentException(
          "budget must be in (0, 1] and steepness in [0, 1000] but they were %s and %s"
              .formatted(budget, steepness));
    }
  }

  /** Whether the schedule is that of a file, which must be read first. */
  public boolean isFromFile() {
    return !file.equals(NO_FILE);
  }

  /** Whether the steepness is yet to be chosen. */
  public boolean isOpen() {
    return !isFromFile() && steepness == 0;
  }

  /** The same with another steepness. */
  public GSearch withSteepness(double chosen) {
    return new GSearch(budget, chosen, file);
  }

  @Override
  public void checkNamed(Set<String> parameters) {
    if (parameters.contains("file") && parameters.size() > 1) {
      throw new IllegalArgumentException(
          "'g-search' takes the whole schedule from its file; write file or budget, not both");
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(new LastQueryAttention());
  }

  /** Any layer but the first may have fewer tokens than the one before. */
  @Override
  public String places(int layers) {
    checkCurve(layers);
    return IntStream.range(1, layers)
        .mapToObj("layer%d:fastv(keep=1.0)"::formatted)
        .collect(Collectors.joining(" + "));
  }

  @Override
  public String plan(int layers, int tokens) {
    checkCurve(layers);
    if (isOpen()) {
      throw new IllegalStateException("the steepness of %s is not chosen".formatted(this));
    }
    return DepthSchedule.sigmoidOf(tokens, layers, steepness, budget).plan("fastv");
  }

  private void checkCurve(int layers) {
    if (isFromFile()) {
      throw new IllegalStateException("the file of %s is not read".formatted(this));
    }
    if (layers == 1) {
      throw new IllegalArgumentException("the decoder has one layer, which has all tokens");
    }
    if (budget * layers < 1) {
      throw new IllegalArgumentException(
          "the first of %d layers has all tokens, so the smallest budget is %s, not %s"
              .formatted(layers, Math.ceil(10000.0 / layers) / 10000, budget));
    }
  }
}
