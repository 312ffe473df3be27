package dev.squint.pruner.evidence;

import dev.squint.pruner.Queries;
import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.Optional;

/** Rotated queries of the last tokens of a layer, as many as there are up to a number. */
public record RecentQueries(int count) implements CacheKind<Queries> {
  @Override
  public void check(Queries value, int tokens) {
    if (value.perHead().get(0).rows() > count) {
      throw new IllegalArgumentException(
          "%s has %d rows".formatted(this, value.perHead().get(0).rows()));
    }
  }

  /** They are of the prompt, whichever rows are left. */
  @Override
  public Optional<Queries> reducedPerHead(Queries value, List<TokenReduction> heads) {
    return Optional.of(value);
  }
}
