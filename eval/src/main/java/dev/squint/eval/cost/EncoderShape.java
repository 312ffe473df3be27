package dev.squint.eval.cost;

import dev.squint.llm.EncoderWork;

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
   * Operations of the layers for what they ran on, and of what comes before them for whole tiles.
   * Multiplication and addition count as two.
   */
  public double operations(EncoderWork work) {
    double sum = work.tiles() * stem;
    // One number stands for all layers.
    double alike = work.tokens().size() == 1 ? layers : 1;
    for (int layer = 0; layer < work.tokens().size(); layer++) {
      double rows = work.tokens().get(layer) * patchesPerToken;
      double pairs = work.pairs().get(layer) * patchesPerToken * patchesPerToken;
      sum += rows == 0 ? 0 : alike * rows * perLayer(pairs / rows);
    }
    return sum;
  }

  /**
   * The same for visual tokens whose patches went through all layers, the same number of each tile.
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

  private double perPatch(double attended) {
    return layers * perLayer(attended);
  }

  /** Projections, feed-forward network and attention to patches of the tile, for each patch. */
  private double perLayer(double attended) {
    double width = hidden;
    return 8 * width * width + 4 * width * ffn + 4 * attended * width;
  }
}
