package dev.squint.eval.cost;

import java.util.Collections;
import java.util.List;

/**
 * Operations of a prefill of n tokens, in three conventions from papers and a fourth that counts
 * all multiplications. The first and the third differ by a factor of 2.5 for the same method and
 * model, so a figure is only comparable together with its convention.
 *
 * @param fastv FastV, VisionZip, DivPrune: 4nd^2 + 2n^2d + 2ndm per layer; multiplications only,
 *     with two feed-forward matrices although the models have three
 * @param swigluMacs 4nd^2 + 2n^2d + 3ndm per layer; multiplications only, three matrices
 * @param full gamma-MoD, YOPO, LLM-Viewer: 8nd^2 + 4n^2d + 6ndm per layer; a multiply-add counts as
 *     two
 * @param grouped like {@code full}, with the real sizes of grouped-query attention and the output
 *     layer for one token
 */
public record Flops(double fastv, double swigluMacs, double full, double grouped) {

  /** Returns the operations of a prefill of this number of tokens through all layers. */
  public static Flops prefill(DecoderShape decoder, double tokens) {
    return prefill(decoder, Collections.nCopies(decoder.layers(), tokens));
  }

  /**
   * Returns the operations of a prefill whose layers get different numbers of tokens.
   *
   * @param layerTokens tokens per run of a layer; a layer that runs twice counts twice
   */
  public static Flops prefill(DecoderShape decoder, List<? extends Number> layerTokens) {
    double d = decoder.hidden();
    double m = decoder.ffn();
    double queries = (double) decoder.heads() * decoder.headSize();
    double keys = (double) decoder.kvHeads() * decoder.headSize();
    double attention = 0;
    double projections = 0;
    double ffn = 0;
    double grouped = 2 * d * decoder.vocabulary();
    for (Number tokens : layerTokens) {
      double n = tokens.doubleValue();
      attention += n * n * d;
      projections += n * d * d;
      ffn += n * d * m;
      grouped += 2 * n * (2 * d * queries + 2 * d * keys) + 4 * n * n * queries + 6 * n * d * m;
    }
    return new Flops(
        4 * projections + 2 * attention + 2 * ffn,
        4 * projections + 2 * attention + 3 * ffn,
        8 * projections + 4 * attention + 6 * ffn,
        grouped);
  }

  /**
   * Returns the operations of one decode step, counted like {@link #grouped}.
   *
   * @param cached tokens that it attends to per layer, including itself
   */
  public static double step(DecoderShape decoder, List<? extends Number> cached) {
    double d = decoder.hidden();
    double queries = (double) decoder.heads() * decoder.headSize();
    double keys = (double) decoder.kvHeads() * decoder.headSize();
    double operations = 2 * d * decoder.vocabulary();
    for (Number tokens : cached) {
      operations += 4 * d * (queries + keys) + 4 * tokens.doubleValue() * queries;
      operations += 6 * d * decoder.ffn();
    }
    return operations;
  }

  /** Returns the mean of several prefills. */
  public static Flops mean(List<Flops> prefills) {
    return new Flops(
        prefills.stream().mapToDouble(Flops::fastv).average().orElse(0),
        prefills.stream().mapToDouble(Flops::swigluMacs).average().orElse(0),
        prefills.stream().mapToDouble(Flops::full).average().orElse(0),
        prefills.stream().mapToDouble(Flops::grouped).average().orElse(0));
  }
}
