package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.Set;

/**
 * Tokens that are encoded before a method decides what else is. They stay, whatever it leaves out.
 */
interface EncodedFirst extends Evidence<PatchTokens> {

  /** Kinds of evidence about these tokens. */
  Set<Evidence<?>> showing();

  @Override
  default Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }

  @Override
  default PatchTokens reduced(PatchTokens value, TokenReduction reduction) {
    return value;
  }

  /** The texts of the kinds in alphabetical order, since a set has none. */
  default List<String> shown() {
    return showing().stream().map(Evidence::toString).sorted().toList();
  }
}
