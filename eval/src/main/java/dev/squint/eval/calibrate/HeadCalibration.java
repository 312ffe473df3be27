package dev.squint.eval.calibrate;

import java.util.List;
import java.util.Set;

/**
 * Which heads of a decoder attend to visual tokens the least; saved as a file that {@code squint
 * slice-heads} reads.
 *
 * @param made what it was made from
 * @param model name of the package
 * @param modelSha256 hash of the package's files
 * @param questions number of questions asked
 * @param layers number of decoder layers, L
 * @param keep share of the heads that stay
 * @param visualAttention share of the attention of the text after the pictures that goes to visual
 *     tokens, for each head of all layers but the last, [L - 1] times [H]
 * @param inactive for each layer the heads that go, [L]
 */
public record HeadCalibration(
    Origin made,
    String model,
    String modelSha256,
    int questions,
    int layers,
    double keep,
    List<List<Double>> visualAttention,
    List<Set<Integer>> inactive) {

  /** Copies the lists. */
  public HeadCalibration {
    visualAttention = List.copyOf(visualAttention);
    inactive = List.copyOf(inactive);
  }
}
