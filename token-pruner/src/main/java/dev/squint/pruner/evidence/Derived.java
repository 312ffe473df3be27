package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import java.util.Set;

/**
 * Evidence that is computed from the tokens and other evidence about them, whoever gives that. It
 * needs no reader: where its sources are given, it is given.
 *
 * @param <V> its values
 */
public interface Derived<V> extends Evidence<V> {

  /** The evidence that it is computed from. */
  Set<Evidence<?>> from();

  /** The value for tokens that have the evidence of {@link #from}. */
  V derive(PatchTokens tokens);

  /** {@link Operations} that {@link #derive} takes. */
  double operations(PatchTokens tokens);
}
