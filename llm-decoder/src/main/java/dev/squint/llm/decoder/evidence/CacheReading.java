package dev.squint.llm.decoder.evidence;

import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import java.util.BitSet;

/**
 * How one kind of evidence about a layer's cache is read: the queries of which tokens it takes,
 * what is computed of them and when, and what that costs. All readings are in {@link
 * CacheReadings}.
 *
 * @param <K> the kind
 * @param <V> its values
 */
abstract class CacheReading<K extends Evidence<V>, V> {

  private final Class<K> kind;

  CacheReading(Class<K> kind) {
    this.kind = kind;
  }

  final boolean reads(Evidence<?> evidence) {
    return kind.isInstance(evidence);
  }

  final K cast(Evidence<?> evidence) {
    return kind.cast(evidence);
  }

  /** Whether it takes queries, which must be tapped in every layer. */
  boolean takesQueries() {
    return false;
  }

  /** Adds the rows of the tokens whose queries it takes. */
  void addQueries(BitSet rows, Evidence<?> wanted, int tokens) {}

  /** The evidence, completed by this kind, read at the end of the stage of a layer. */
  EvidenceSet addAtStageEnd(EvidenceSet to, Evidence<?> wanted, StageEnd end, int layer) {
    return to;
  }

  /**
   * The evidence, completed by this kind, known when the whole prompt has run.
   *
   * @param lastLayerTokens which tokens of the prompt the last layer was given, ascending
   */
  EvidenceSet addAfterPrefill(EvidenceSet to, Evidence<?> wanted, int[] lastLayerTokens) {
    return to;
  }

  /** Whether it follows while decoding, which takes the attention of each new token. */
  boolean followsDecoding() {
    return false;
  }

  /**
   * The value with one more row, where it follows while decoding.
   *
   * @param attention of the new token to all rows, its own last, [kvHeads, N]
   */
  V grown(V before, Matrix attention) {
    throw new IllegalStateException(kind.getSimpleName() + " does not follow while decoding");
  }

  /** The evidence, with this kind after one more token, where it follows while decoding. */
  final EvidenceSet addGrown(
      EvidenceSet to, Evidence<?> wanted, EvidenceSet before, Matrix attention) {
    return to.with(cast(wanted), grown(before.get(cast(wanted)), attention));
  }
}
