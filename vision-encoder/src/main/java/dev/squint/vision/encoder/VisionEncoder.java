package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.tile.TiledImage;
import java.util.List;
import java.util.Set;

/**
 * Turns the tiles of pictures into visual tokens. Thread-safe; loaded once, used by all requests.
 */
public interface VisionEncoder extends AutoCloseable {

  /**
   * Encodes all pictures or frames of a request, in order.
   *
   * @param pictures the tiles of each; none gives no tokens
   * @param evidence what methods will want to know of the tokens beside their features
   * @return the tokens of all tiles, [N, D], with the evidence and nothing else
   * @throws IllegalArgumentException if the encoder does not give one kind of evidence or does not
   *     take these tiles
   * @throws IllegalStateException if the features are not finite numbers, or the encoder is closed
   */
  default PatchTokens encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    return encode(pictures, evidence, PruningPlan.none());
  }

  /**
   * Encodes all pictures or frames of a request, and merges tokens between the encoder's layers
   * where a plan says so.
   *
   * @param plan what happens inside the encoder; steps at other points are passed over
   * @throws IllegalArgumentException as above, or if {@link #check} refuses the plan
   * @throws IllegalStateException as above
   * @see #encode(List, Set)
   */
  PatchTokens encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan);

  /**
   * Makes sure that the encoder can do what a plan wants inside it.
   *
   * @throws IllegalArgumentException if not, saying why
   */
  void check(PruningPlan plan);

  /** Whether {@link #encode} can give this kind of evidence. */
  boolean gives(Evidence<?> evidence);

  /**
   * Whether the tokens of a tile are the same whichever tiles are encoded with it, as long as a
   * plan does nothing inside the encoder.
   */
  boolean encodesTilesApart();

  /** Frees the model; waits for requests under way. */
  @Override
  void close();
}
