package dev.squint.pruner.evidence;

import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.Optional;

/** Positions of the tokens that the last layer was given, ascending, in the whole prompt. */
public record LastLayerTokens() implements CacheKind<int[]> {
  @Override
  public void check(int[] value, int tokens) {}

  /** They are of the prompt, whichever rows are left. */
  @Override
  public Optional<int[]> reducedPerHead(int[] value, List<TokenReduction> heads) {
    return Optional.of(value);
  }
}
