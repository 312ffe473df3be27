package dev.squint.llm.decoder.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.vision.onnx.graph.Tap;
import java.util.BitSet;
import java.util.Set;

/**
 * A reading of what a stage gives without taps.
 *
 * @param <K> the kind
 * @param <V> its values
 */
abstract class WithoutTaps<K extends Evidence<V>, V> extends LayerReading<K, V> {

  WithoutTaps(Class<K> kind) {
    super(kind);
  }

  @Override
  final void addTaps(Set<Tap> taps, int layers) {}

  @Override
  final void addQueries(BitSet rows, PromptRows prompt) {}

  /** None unless something is computed of what the stage gives. */
  @Override
  double operations(LayerView view, V value) {
    return 0;
  }
}
