package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Operations;
import dev.squint.vision.onnx.graph.Tap;
import java.util.List;
import java.util.function.ToIntBiFunction;
import java.util.function.ToIntFunction;

/**
 * Reads one kind of evidence from an encoder layer: defines the taps, the computation on their
 * values, and its cost. All readings are in {@link TileReadings}.
 *
 * @param <K> the kind
 * @param <V> its values
 */
abstract class TileReading<K extends Evidence<V>, V> {

  private final Class<K> kind;
  private final ToIntBiFunction<K, Integer> layer;

  /**
   * A reading of one kind.
   *
   * @param layer the layer that evidence of this kind names; negative numbers count back from the
   *     last one, -1
   */
  TileReading(Class<K> kind, ToIntFunction<K> layer) {
    this(
        kind,
        (evidence, layers) -> {
          int named = layer.applyAsInt(evidence);
          return named < 0 ? layers + named : named;
        });
  }

  /**
   * A reading of one kind.
   *
   * @param layer the layer that evidence of this kind names in an encoder with a number of layers,
   *     from 0
   */
  TileReading(Class<K> kind, ToIntBiFunction<K, Integer> layer) {
    this.kind = kind;
    this.layer = layer;
  }

  final boolean reads(Evidence<?> evidence) {
    return kind.isInstance(evidence);
  }

  /** The layer that evidence of this kind names, from 0, in an encoder with this many layers. */
  final int layer(Evidence<?> evidence, int layers) {
    return layer.applyAsInt(kind.cast(evidence), layers);
  }

  /** The taps that it needs. */
  abstract List<Tap> taps(int layer);

  /** Whether its kind is about the layers so far, at any point. */
  boolean isGivenInside() {
    return false;
  }

  /** The first of the layers that it reads. */
  int earliest(int layer) {
    return layer;
  }

  /** Number of a tile's hidden states at its taps. */
  int rows(TileStates tile, int layer) {
    return tile.tap(Tap.keys(layer)).size(1);
  }

  /** Reads the value for the tokens of all tiles. */
  abstract V read(List<TilePart> parts, int layer);

  /** {@link Operations} for one tile in addition to the layer's own. */
  abstract double operations(TilePart part, int layer);

  /** Adds the value of this kind to the evidence. */
  final EvidenceSet add(EvidenceSet to, Evidence<?> evidence, List<TilePart> parts, int layer) {
    double operations = parts.stream().mapToDouble(part -> operations(part, layer)).sum();
    return to.with(kind.cast(evidence), read(parts, layer), operations);
  }
}
