package dev.squint.pruner.evidence;

import dev.squint.pruner.Queries;
import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.Optional;

/** Queries of the last tokens of a layer after RoPE, at most {@code count}. */
public record RecentQueries(int count) implements CacheKind<Queries> {
  @Override
  public void check(Queries value, int tokens) {
    if (value.perHead().get(0).rows() > count) {
      throw new IllegalArgumentException(
          "%s must have at most this count of rows but has %d"
              .formatted(this, value.perHead().get(0).rows()));
    }
  }

  /** They refer to the prompt and do not depend on the remaining rows. */
  @Override
  public Optional<Queries> reducedPerHead(Queries value, List<TokenReduction> heads) {
    return Optional.of(value);
  }
}
