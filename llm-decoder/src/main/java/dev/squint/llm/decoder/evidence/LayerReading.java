package dev.squint.llm.decoder.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Operations;
import dev.squint.vision.onnx.graph.Tap;
import java.util.BitSet;
import java.util.Set;

/**
 * How one kind of evidence is read between decoder layers: which taps it takes and of which tokens,
 * what is computed of them, and what that costs. All readings are in {@link LayerReadings}.
 *
 * @param <K> the kind
 * @param <V> its values
 */
abstract class LayerReading<K extends Evidence<V>, V> {

  private final Class<K> kind;

  LayerReading(Class<K> kind) {
    this.kind = kind;
  }

  final boolean reads(Evidence<?> evidence) {
    return kind.isInstance(evidence);
  }

  /** Adds the taps that it takes after this number of layers. */
  void addTaps(Set<Tap> taps, int layers) {
    taps.add(Tap.queries(layers - 1));
  }

  /** Adds the rows of the tokens whose queries it takes. */
  abstract void addQueries(BitSet rows, PromptRows prompt);

  /** The value at a point. */
  abstract V read(LayerView view);

  /**
   * {@link Operations} that it takes in addition to the layers and {@link LayerView#textAttention}.
   */
  abstract double operations(LayerView view, V value);

  /** The evidence, with one more kind. */
  final EvidenceSet add(EvidenceSet to, Evidence<?> evidence, LayerView view) {
    V value = read(view);
    return to.with(kind.cast(evidence), value, operations(view, value));
  }
}
