package dev.squint.pruner;

/**
 * A method that drops rows inside an encoder and puts them back behind its last layer. It is the
 * only step of a plan inside the encoder.
 */
public interface RestoringPruner extends Pruner<PatchTokens> {

  /** Number of layers behind the point that attend to all rows, the dropped ones as restored. */
  int stabilised();

  /**
   * How the dropped rows of a tile come back.
   *
   * @param rows the hidden states where rows are dropped, a CLS token's among them, [S, D]
   * @param kept numbers of the rows that are kept, ascending
   */
  RestoredRows restored(Matrix rows, int[] kept);
}
