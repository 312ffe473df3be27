package dev.squint.pruner;

/** Features of visual tokens that are added to hidden states between decoder layers. */
public interface LayerAdditions {

  /** Number of decoder layers that run before each group is added, [groups]. */
  int[] places();

  /**
   * The tokens with the additions to their hidden states, as {@link
   * dev.squint.pruner.evidence.DeepFeatures} of the layers after which they are added.
   *
   * @throws IllegalArgumentException when the tokens do not fit into the groups
   */
  PatchTokens withAdditions(PatchTokens tokens);
}
