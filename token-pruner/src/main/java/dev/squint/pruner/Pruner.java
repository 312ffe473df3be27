package dev.squint.pruner;

import java.util.Optional;
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
   * <p>The default is that of one pass over the features: a multiplication and an addition for each
   * of the N x D values. Override it where the maths asks for more or less.
   *
   * @param decision what {@link #reduce} made of these tokens and this budget
   */
  default double operations(S tokens, Budget budget, TokenReduction decision) {
    return 2.0 * tokens.size() * tokens.features().cols();
  }

  /** The evidence that {@link #reduce} reads; anything else is hidden from it. */
  default Set<Evidence<?>> needs() {
    return Set.of();
  }

  /** How the decoder resumes, where the method acts between its layers. */
  default Continuation continuation() {
    return Continuation.KEEP_POSITIONS;
  }

  /**
   * What share of its visual tokens a picture keeps by being shrunk before it is cut into tiles, in
   * (0, 1]; 1 for a method that leaves pictures as they are.
   */
  default double pictureShare(Budget budget) {
    return 1;
  }

  /**
   * Whether visual tokens keep the positions in the prompt that they had before any was dropped
   * after the encoder.
   */
  default boolean keepsPlaces() {
    return false;
  }

  /** What is added to hidden states between decoder layers; most methods add nothing. */
  default Optional<LayerAdditions> additions() {
    return Optional.empty();
  }
}
