package dev.squint.pruner;

import java.util.Set;

/**
 * Decides which tokens stay, which join another and which go.
 *
 * <p>Pure, deterministic and without state: the tokens are not changed, and the same input gives
 * the same decision. A budget that keeps every token gives the identity. Write a public record: its
 * components are the parameters that the plan language offers.
 *
 * @param <S> the tokens it can read: {@link TokenSet} for any point, {@link PatchTokens} after the
 *     encoder, {@link LayerTokens} between decoder layers
 */
public interface Pruner<S extends TokenSet> {

  TokenReduction reduce(S tokens, Budget budget);

  /**
   * How many operations the decision took by the method's maths, {@link Operations}, whatever
   * shortcuts its code takes; those for its evidence, and for the sums of tokens that the decision
   * asks for, are counted by others.
   *
   * @param decision what {@link #reduce} made of these tokens and this budget
   */
  double operations(S tokens, Budget budget, TokenReduction decision);

  /** The evidence that {@link #reduce} reads; anything else is hidden from it. */
  default Set<Evidence<?>> needs() {
    return Set.of();
  }

  /** How the decoder goes on, where the method acts between its layers. */
  default Continuation continuation() {
    return Continuation.KEEP_POSITIONS;
  }
}
