package dev.squint.pruner;

import java.util.List;
import java.util.Optional;

/**
 * A kind of evidence that a method may read beside the tokens themselves, and how its values follow
 * a reduction of the tokens. The kinds are the records of {@code dev.squint.pruner.evidence}. A
 * method names what it reads in {@link Pruner#needs}; the model that runs the plan adds the taps
 * for that and nothing else.
 *
 * <p>Encoder layers are numbered from 0; negative numbers count back from the layer that feeds the
 * projector, so -1 is that layer: the last one of an exported graph, also where the encoder was
 * trained with more (LLaVA takes the last but one of CLIP's layers, which papers call layer 22).
 *
 * @param <V> what it looks like
 */
public interface Evidence<V> {

  /** Who can give it. */
  Source source();

  /** The evidence for what is left after the reduction. */
  V reduced(V value, TokenReduction reduction);

  /**
   * The evidence about the rows that are left of a layer's cache, where each key head keeps rows of
   * its own; empty for evidence that holds only for the cache as it was observed.
   *
   * @param heads for each key head the reduction of its rows
   */
  default Optional<V> reducedPerHead(V value, List<TokenReduction> heads) {
    return Optional.empty();
  }

  /**
   * Throws an exception unless the value fits this many tokens.
   *
   * @throws IllegalArgumentException naming both numbers
   */
  void check(V value, int tokens);

  /**
   * The evidence for tiles that were encoded apart, put together.
   *
   * @param parts in the order of their places
   * @param tiles number of tiles, those without a part included
   * @throws IllegalStateException when it is no evidence that an encoder gives
   */
  default V together(List<Part<V>> parts, int tiles) {
    throw new IllegalStateException(this + " is not about tiles that are encoded");
  }

  /**
   * Bytes that a value takes, for what an encoder gives, as that is kept in a cache.
   *
   * @throws IllegalStateException when it is no evidence that an encoder gives
   */
  default long bytes(V value) {
    throw new IllegalStateException(this + " is not about tiles that are encoded");
  }

  /**
   * The evidence about one tile.
   *
   * @param value the evidence about that tile and others
   * @param tile its index among them
   * @param tokens the indices of its tokens among theirs
   * @param place its index among all tiles
   */
  record Part<V>(V value, int tile, int[] tokens, int place) {}

  /** Who can give a piece of evidence. */
  enum Source {
    /** The pixels that the encoder is given. */
    PIXELS,
    /** The vision encoder, while it encodes. */
    ENCODER,
    /** The language model's embedding of the question, before the decoder runs. */
    QUESTION,
    /**
     * The first decoder layers, given the global views and the question before anything else is
     * encoded.
     */
    GLANCE,
    /** The decoder layer before the point where the method acts. */
    DECODER,
    /** The model package, which may hold weights that were trained for a method. */
    PACKAGE
  }
}
