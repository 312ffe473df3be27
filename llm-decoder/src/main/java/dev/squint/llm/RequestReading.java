package dev.squint.llm;

import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import java.util.function.Supplier;

/**
 * How one kind of evidence is read of the request or of the package: at which points there is some,
 * and what is computed for it. All readings are in {@link RequestReadings}.
 *
 * @param <K> the kind
 */
abstract class RequestReading<K extends Evidence<?>> {

  private final Class<K> kind;

  RequestReading(Class<K> kind) {
    this.kind = kind;
  }

  final boolean reads(Evidence<?> evidence) {
    return kind.isInstance(evidence);
  }

  final K cast(Evidence<?> evidence) {
    return kind.cast(evidence);
  }

  /** Whether a package with these weights provides it at a point. */
  abstract boolean gives(TrainedMethods trained, Evidence<?> wanted, Point point);

  /** The tokens with this evidence before the decoder runs; the same if it is not of that point. */
  PatchTokens addTo(PatchTokens tokens, Evidence<?> wanted, RequestEvidence request) {
    return tokens;
  }

  /** Groups of patches with this evidence; the same if it is not of that point. */
  PatchGroups addTo(PatchGroups groups, Evidence<?> wanted, RequestEvidence request) {
    return groups;
  }

  /**
   * The tokens that go into the decoder with this evidence; the same if it is not of that point.
   *
   * @param visual the visual tokens of the prompt, [N, D]
   * @param text embeddings of the text after the pictures, [T, D]
   */
  PatchTokens addForLayers(
      PatchTokens tokens, Evidence<?> wanted, Matrix visual, Supplier<Matrix> text) {
    return tokens;
  }

  /** The evidence with this kind at a point between layers; the same if it is not of that point. */
  EvidenceSet addAtLayer(EvidenceSet to, Evidence<?> wanted, TrainedMethods trained, Point point) {
    return to;
  }
}
