package dev.squint.eval.calibrate;

import dev.squint.pruner.method.depth.TokenChange;
import java.util.List;

/**
 * How routers were fitted to a decoder that was not trained with any; saved beside their weights.
 *
 * @param made what it was made from
 * @param model name of the package
 * @param modelSha256 hash of the package's files
 * @param questions number of questions asked
 * @param layers number of decoder layers, L
 * @param keep mean share of the visual tokens in a layer
 * @param change what the routers predict the ranks of
 * @param visualTokens visual tokens per question, mean
 * @param attentionRank mean attention rank (ARank) of all layers but the last, [L - 1]
 * @param correlation mean correlation of predicted and true ranks on questions that were not
 *     fitted, for each layer; 0 for layers without a router, [L]
 * @param ratios share of the visual tokens in each layer under {@code p-mod}, [L]
 * @param routedLayers layers where tokens may skip under {@code gamma-mod}
 * @param routedShare share of the visual tokens in each of these
 * @param note that these are not the papers' routers
 */
public record RouterCalibration(
    Origin made,
    String model,
    String modelSha256,
    int questions,
    int layers,
    double keep,
    TokenChange change,
    double visualTokens,
    List<Double> attentionRank,
    List<Double> correlation,
    List<Double> ratios,
    List<Integer> routedLayers,
    double routedShare,
    String note) {

  /** Copies the lists. */
  public RouterCalibration {
    attentionRank = List.copyOf(attentionRank);
    correlation = List.copyOf(correlation);
    ratios = List.copyOf(ratios);
    routedLayers = List.copyOf(routedLayers);
  }
}
