package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.vision.onnx.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * Reads one kind of evidence from an output of the exported graph. It costs no extra computation
 * and needs no tap. All readings are in {@link OutputReadings}.
 *
 * @param <K> the kind
 * @param <V> its values
 */
abstract class OutputReading<K extends Evidence<V>, V> {

  private final Class<K> kind;

  OutputReading(Class<K> kind) {
    this.kind = kind;
  }

  /** Whether a graph with these outputs provides the evidence. */
  final boolean reads(Evidence<?> evidence, Map<String, TensorSpec> outputs) {
    return kind.isInstance(evidence) && given(kind.cast(evidence), outputs);
  }

  /** The name of the output. */
  final String output(Evidence<?> evidence) {
    return nameOf(kind.cast(evidence));
  }

  /** Adds the value of this kind to the evidence. */
  final EvidenceSet add(
      EvidenceSet to,
      Evidence<?> evidence,
      Map<String, TensorSpec> outputs,
      List<EncodedRun> runs,
      int sizeOfNone) {
    K wanted = kind.cast(evidence);
    return to.with(wanted, read(wanted, outputs, runs, sizeOfNone));
  }

  abstract boolean given(K wanted, Map<String, TensorSpec> outputs);

  abstract String nameOf(K wanted);

  /**
   * Reads the value for the tokens of all runs.
   *
   * @param sizeOfNone D if there are no runs
   */
  abstract V read(K wanted, Map<String, TensorSpec> outputs, List<EncodedRun> runs, int sizeOfNone);
}
