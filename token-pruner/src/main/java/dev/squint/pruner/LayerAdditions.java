package dev.squint.pruner;

/** Features of visual tokens that are added to hidden states between decoder layers. */
public interface LayerAdditions {

  /** After how many decoder layers each group is added, [groups]. */
  int[] places();

  /**
   * The tokens with what is added to their hidden states, as {@link Evidence.DeepFeatures} of the
   * layers after which it is added.
   *
   * @throws IllegalArgumentException when the tokens do not fit into the groups
   */
  PatchTokens withAdditions(PatchTokens tokens);
}
