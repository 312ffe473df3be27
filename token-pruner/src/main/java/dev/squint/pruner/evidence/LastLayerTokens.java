package dev.squint.pruner.evidence;

import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.Optional;

/** Prompt positions of the input tokens of the last layer, ascending. */
public record LastLayerTokens() implements CacheKind<int[]> {
  @Override
  public void check(int[] value, int tokens) {}

  /** They refer to the prompt and do not depend on the remaining rows. */
  @Override
  public Optional<int[]> reducedPerHead(int[] value, List<TokenReduction> heads) {
    return Optional.of(value);
  }
}
