package dev.squint.pruner;

/**
 * A method that drops tokens inside an encoder several times, after layers that depend on their
 * number. It is the only step of a plan inside the encoder.
 */
public interface LayeredPruner extends Pruner<PatchTokens> {

  /**
   * The numbers of layers after which it decides, ascending; at least one.
   *
   * @param first number of layers after which the plan has its step
   * @param layers number of the encoder's layers, at least {@code first}
   */
  int[] decisions(int first, int layers);

  /**
   * The method as it decides after some of the layers.
   *
   * @param later layers that run from here to its last decision; 0 at the last one
   */
  Pruner<PatchTokens> deciding(int later);
}
