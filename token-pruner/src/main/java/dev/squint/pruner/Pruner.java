package dev.squint.pruner;

import java.util.Optional;
import java.util.Set;

/**
 * Decides which tokens are kept, merged or dropped.
 *
 * <p>An implementation is pure, deterministic and stateless: it does not change the tokens, and the
 * same input gives the same decision. A budget that keeps every token gives the identity. Write it
 * as a public record; the components are the parameters in the plan language.
 *
 * @param <S> the tokens it can read: {@link TokenSet} for any point, {@link PatchTokens} after the
 *     encoder, {@link LayerTokens} between decoder layers
 */
public interface Pruner<S extends TokenSet> {

  TokenReduction reduce(S tokens, Budget budget);

  /**
   * Number of {@link Operations} of the method's maths, regardless of shortcuts in the code.
   * Operations for evidence and for the weighted sums of merged tokens are counted elsewhere.
   *
   * <p>The default is one pass over the features: a multiplication and an addition for each of the
   * N x D values. Override it where the maths takes more or less.
   *
   * @param decision what {@link #reduce} returned for these tokens and this budget
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
   * Share of its visual tokens that a picture keeps because it is shrunk before it is cut into
   * tiles, in (0, 1]; 1 for a method that does not resize pictures.
   */
  default double pictureShare(Budget budget) {
    return 1;
  }

  /**
   * How many times as high and wide as the package resizes it a picture is cut into tiles; 1 for
   * most methods.
   */
  default int zoom() {
    return 1;
  }

  /**
   * Whether visual tokens keep the prompt positions from before any reduction after the encoder.
   */
  default boolean keepsPlaces() {
    return false;
  }

  /** Features to add to hidden states between decoder layers; empty for most methods. */
  default Optional<LayerAdditions> additions() {
    return Optional.empty();
  }
}
