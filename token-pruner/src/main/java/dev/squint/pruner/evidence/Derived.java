package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import java.util.Set;

/**
 * Evidence that is computed from the tokens and other evidence about them. It needs no reader; it
 * is available wherever its sources are.
 *
 * @param <V> type of the value
 */
public interface Derived<V> extends Evidence<V> {

  /** The kinds of evidence that it is computed from. */
  Set<Evidence<?>> from();

  /** Computes the value for tokens that have the evidence of {@link #from}. */
  V derive(PatchTokens tokens);

  /** Number of {@link Operations} of {@link #derive}. */
  double operations(PatchTokens tokens);
}
