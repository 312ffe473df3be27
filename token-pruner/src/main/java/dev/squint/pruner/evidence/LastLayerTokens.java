package dev.squint.pruner.evidence;

/** Positions of the tokens that the last layer was given, ascending, in the whole prompt. */
public record LastLayerTokens() implements CacheKind<int[]> {
  @Override
  public void check(int[] value, int tokens) {}
}
