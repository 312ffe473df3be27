package dev.squint.eval.cost;

/**
 * Sizes of a vision encoder's matrices.
 *
 * @param layers number of layers
 * @param hidden width of the hidden states
 * @param ffn inner width of the feed-forward network
 * @param patches patches of a whole tile
 * @param patchesPerToken patches that become one visual token
 * @param stem operations before the layers, for a whole tile: convolutions and products for each
 *     patch; 0 in files of older versions, which did not count them
 */
public record EncoderShape(
    int layers, int hidden, int ffn, int patches, int patchesPerToken, double stem) {

  /**
   * Operations of the layers for some visual tokens, and of what comes before them for whole tiles.
   * Multiplication and addition count as two.
   *
   * @param tokens visual tokens whose patches went through the layers
   * @param tiles tiles that they belong to, which have equally many of them
   */
  public double operations(double tokens, double tiles) {
    double rows = tokens * patchesPerToken;
    return tiles == 0 ? 0 : tiles * stem + rows * perPatch(rows / tiles);
  }

  /** Operations for each visual token of whole tiles. */
  public double perToken() {
    return patchesPerToken * (perPatch(patches) + stem / patches);
  }

  /** Projections, feed-forward network and attention to the patches of the tile. */
  private double perPatch(double attended) {
    double width = hidden;
    return layers * (8 * width * width + 4 * width * ffn + 4 * attended * width);
  }
}
