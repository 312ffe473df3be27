package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import java.util.Set;

/**
 * The encoded global views of all pictures that have crops, with some evidence about their tokens;
 * for methods that decide which crops are encoded.
 *
 * @param showing kinds of evidence about the tokens of the global views
 */
public record GlobalViews(Set<Evidence<?>> showing) implements EncodedFirst {
  public GlobalViews {
    showing = Set.copyOf(showing);
  }

  @Override
  public void check(PatchTokens value, int tokens) {
    if (!value.tiles().stream().allMatch(Tile::isGlobal)) {
      throw new IllegalArgumentException(
          "the global views must not contain crops but the tiles are " + value.tiles());
    }
  }

  @Override
  public String toString() {
    return "GlobalViews[showing=%s]".formatted(shown());
  }
}
