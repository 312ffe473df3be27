package dev.squint.pruner;

import java.util.List;
import java.util.Optional;

/**
 * A kind of evidence that a method may read in addition to the tokens, and how its values change
 * when the tokens are reduced. The kinds are the records of {@code dev.squint.pruner.evidence}. A
 * method declares the kinds that it reads in {@link Pruner#needs}. The model that runs the plan
 * adds taps for these kinds only.
 *
 * <p>Encoder layers are numbered from 0. Negative numbers count back from the layer that feeds the
 * projector, which is -1. It is the last layer of an exported graph, even where the encoder was
 * trained with more layers: LLaVA uses the last but one of CLIP's layers, which papers call layer
 * 22.
 *
 * @param <V> type of the value
 */
public interface Evidence<V> {

  /** The part of the pipeline that provides it. */
  Source source();

  /** The evidence for the tokens after the reduction. */
  V reduced(V value, TokenReduction reduction);

  /**
   * The evidence about the remaining rows of a layer's cache, where each key head keeps its own
   * rows. Empty for evidence that is valid only for the cache as observed.
   *
   * @param heads for each key head the reduction of its rows
   */
  default Optional<V> reducedPerHead(V value, List<TokenReduction> heads) {
    return Optional.empty();
  }

  /**
   * Throws an exception unless the value fits this many tokens.
   *
   * @throws IllegalArgumentException with both numbers in the message
   */
  void check(V value, int tokens);

  /**
   * Joins the evidence of tiles that were encoded separately.
   *
   * @param parts in the order of their tiles
   * @param tiles number of tiles, including those without a part
   * @throws IllegalStateException when the evidence does not come from the encoder
   */
  default V together(List<Part<V>> parts, int tiles) {
    throw new IllegalStateException(
        this + " does not come from the encoder, so it is not stored per tile");
  }

  /**
   * Size of a value in bytes. Needed for evidence of the encoder, because a size-limited cache
   * stores it.
   *
   * @throws IllegalStateException when the evidence does not come from the encoder
   */
  default long bytes(V value) {
    throw new IllegalStateException(
        this + " does not come from the encoder, so it is not stored per tile");
  }

  /**
   * The evidence about one tile.
   *
   * @param value the evidence about the tiles that were encoded together
   * @param tile index of the tile among them
   * @param tokens indices of the tile's tokens among all tokens of these tiles
   * @param place index of the tile among all tiles of the request
   */
  record Part<V>(V value, int tile, int[] tokens, int place) {}

  /** The part of the pipeline that provides a kind of evidence. */
  enum Source {
    /** The input pixels of the encoder. */
    PIXELS,
    /** The vision encoder, from its graph. */
    ENCODER,
    /** The language model's embedding of the question, before the decoder runs. */
    QUESTION,
    /**
     * The first decoder layers, run on the global views and the question before the crops are
     * encoded.
     */
    GLANCE,
    /** The decoder layer before the point where the method acts. */
    DECODER,
    /** The model package, which may contain trained weights for a method. */
    PACKAGE
  }
}
