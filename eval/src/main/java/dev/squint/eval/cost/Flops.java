package dev.squint.eval.cost;

/**
 * Operations of a prefill of n tokens, in the three conventions of the papers and a fourth that
 * counts what is really multiplied. Papers with the same method and model differ by the factor 2.5
 * between the first and the third, so a figure without its convention says nothing.
 *
 * @param fastv FastV, VisionZip, DivPrune: 4nd^2 + 2n^2d + 2ndm a layer; multiplications only and
 *     two feed-forward matrices although the models have three
 * @param swigluMacs 4nd^2 + 2n^2d + 3ndm a layer; multiplications only, three matrices
 * @param full gamma-MoD, YOPO, LLM-Viewer: 8nd^2 + 4n^2d + 6ndm a layer; multiplication and
 *     addition count as two
 * @param grouped as full, with the true size of grouped-query attention and the output layer for
 *     one token
 */
public record Flops(double fastv, double swigluMacs, double full, double grouped) {

  /** Of a prefill of so many tokens, visual and text ones, through all layers. */
  public static Flops prefill(DecoderShape decoder, double tokens) {
    double n = tokens;
    double d = decoder.hidden();
    double m = decoder.ffn();
    double attention = n * n * d;
    double projections = n * d * d;
    double ffn = n * d * m;
    double queries = (double) decoder.heads() * decoder.headSize();
    double keys = (double) decoder.kvHeads() * decoder.headSize();
    double grouped = 2 * n * (2 * d * queries + 2 * d * keys) + 4 * n * n * queries + 6 * n * d * m;
    double layers = decoder.layers();
    return new Flops(
        layers * (4 * projections + 2 * attention + 2 * ffn),
        layers * (4 * projections + 2 * attention + 3 * ffn),
        layers * (8 * projections + 4 * attention + 6 * ffn),
        layers * grouped + 2 * d * decoder.vocabulary());
  }
}
