package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import java.util.Set;

/**
 * The tokens of evenly spaced groups of patches, which are encoded before the others, with some
 * evidence about them; for methods that decide which other groups are encoded.
 *
 * @param share share of the groups of each tile, in (0, 1)
 * @param showing kinds of evidence about these tokens
 */
public record FirstLook(double share, Set<Evidence<?>> showing) implements EncodedFirst {
  public FirstLook {
    showing = Set.copyOf(showing);
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("first must be in (0, 1) but was " + share);
    }
  }

  @Override
  public void check(PatchTokens value, int tokens) {
    // The tokens are those of some groups, whatever the number of groups that are left.
  }

  @Override
  public String toString() {
    return "FirstLook[share=%s, showing=%s]".formatted(share, shown());
  }
}
