package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Operations;
import dev.squint.vision.onnx.graph.Tap;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * How one kind of evidence is read from an encoder layer: which taps it takes, what is computed of
 * them, and what that costs. All readings are in {@link TileReadings}.
 *
 * @param <K> the kind
 * @param <V> its values
 */
abstract class TileReading<K extends Evidence<V>, V> {

  private final Class<K> kind;
  private final ToIntFunction<K> layer;

  /**
   * A reading of one kind.
   *
   * @param layer the layer that evidence of this kind names; negative numbers count back from the
   *     last one, -1
   */
  TileReading(Class<K> kind, ToIntFunction<K> layer) {
    this.kind = kind;
    this.layer = layer;
  }

  final boolean reads(Evidence<?> evidence) {
    return kind.isInstance(evidence);
  }

  /** The layer that evidence of this kind names, from 0, in an encoder of so many layers. */
  final int layer(Evidence<?> evidence, int layers) {
    int named = layer.applyAsInt(kind.cast(evidence));
    return named < 0 ? layers + named : named;
  }

  /** The taps that it takes. */
  abstract List<Tap> taps(int layer);

  /** Number of a tile's hidden states where its taps are. */
  int rows(TileStates tile, int layer) {
    return tile.tap(Tap.keys(layer)).size(1);
  }

  /** The value for the tokens of all tiles. */
  abstract V read(List<TilePart> parts, int layer);

  /** {@link Operations} that a tile takes beside the layer itself. */
  abstract double operations(TilePart part, int layer);

  /** The evidence, with one more kind. */
  final EvidenceSet add(EvidenceSet to, Evidence<?> evidence, List<TilePart> parts, int layer) {
    double operations = parts.stream().mapToDouble(part -> operations(part, layer)).sum();
    return to.with(kind.cast(evidence), read(parts, layer), operations);
  }
}
