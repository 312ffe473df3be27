package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.Placement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Turns the tiles of pictures into visual tokens. Thread-safe: load it once and share it between
 * requests.
 */
public interface VisionEncoder extends AutoCloseable {

  /**
   * Encodes all pictures or frames of a request, in order. Where a picture {@linkplain
   * TiledImage#kept keeps some groups of patches}, the layers process these alone.
   *
   * @param pictures the tiles of each picture; an empty list gives no tokens
   * @param evidence the kinds of evidence that pruning methods need in addition to the features
   * @return the tokens of all tiles, [N, D], with exactly this evidence
   * @throws IllegalArgumentException if the encoder cannot provide a kind of evidence or does not
   *     accept these tiles
   * @throws IllegalStateException if the features are not finite numbers, or the encoder is closed
   */
  default PatchTokens encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    return encode(pictures, evidence, PruningPlan.none());
  }

  /**
   * Encodes all pictures or frames of a request, and merges tokens between the encoder's layers
   * where the plan has steps there.
   *
   * @param plan steps inside the encoder are applied; steps at other points are ignored
   * @throws IllegalArgumentException as above, or if {@link #check} rejects the plan
   * @throws IllegalStateException as above
   * @see #encode(List, Set)
   */
  PatchTokens encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan);

  /**
   * Checks that the encoder supports the steps of a plan inside it.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  void check(PruningPlan plan);

  /**
   * The grid of visual tokens that each tile of a picture gives, and so its groups of patches.
   *
   * @throws IllegalArgumentException if the encoder cannot run on some of its patches
   * @throws IllegalStateException if the encoder is closed
   */
  default TokenGrid groups(TiledImage picture) {
    throw new IllegalArgumentException(
        "the encoder cannot run on some of its patches; remove the steps at patches from the plan");
  }

  /**
   * The embedding that ends a row of visual tokens, [1, D], if the encoder has one; [2, D] with
   * that between the crops and the global view.
   */
  default Optional<Matrix> lineBreak() {
    return Optional.empty();
  }

  /** Evidence that is part of every prompt, whatever a plan needs. */
  default Set<Evidence<?>> ofPrompts() {
    return Set.of();
  }

  /** Where the graph is computed; empty if in another process. */
  default Optional<Placement> placement() {
    return Optional.empty();
  }

  /** The kind of device that computes the features, in this or another process. */
  default Device.Kind computedOn() {
    return placement().orElse(Placement.CPU).device().kind();
  }

  /** Whether {@link #encode} can provide this kind of evidence. */
  boolean gives(Evidence<?> evidence);

  /**
   * Whether the tokens of a tile do not depend on the other tiles of its batch, for plans without
   * steps inside the encoder. False for graphs with dynamic quantization.
   */
  boolean encodesTilesApart();

  /** Frees the model. Waits for requests in progress. */
  @Override
  void close();
}
