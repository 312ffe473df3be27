package dev.squint.llm.decoder.evidence;

import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.graph.Tap;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The evidence that cache policies read of a layer: which taps it takes, and how these become
 * values. What each kind takes is in {@link CacheReadings}.
 */
public final class CacheEvidence {

  private final Set<Evidence<?>> needs;

  /**
   * The evidence that policies need.
   *
   * @throws IllegalArgumentException if there is no reading of one of its kinds
   */
  public CacheEvidence(Set<Evidence<?>> needs) {
    this.needs = new LinkedHashSet<>(needs);
    needs.forEach(CacheEvidence::reading);
  }

  private static CacheReading<?, ?> reading(Evidence<?> evidence) {
    return CacheReadings.of(evidence)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a cache policy needs %s, which cannot be read of a cache"
                        .formatted(evidence)));
  }

  /** The taps that evidence takes in a decoder with this number of layers. */
  public static Set<Tap> taps(Set<Evidence<?>> needs, int layers) {
    Set<Tap> taps = new LinkedHashSet<>();
    if (needs.stream().anyMatch(need -> reading(need).takesQueries())) {
      IntStream.range(0, layers).forEach(layer -> taps.add(Tap.queries(layer)));
    }
    return taps;
  }

  /** Rows of the prompt's tokens whose queries it takes, ascending. */
  public int[] queries(int tokens) {
    BitSet rows = new BitSet(tokens);
    needs.forEach(need -> reading(need).addQueries(rows, need, tokens));
    return rows.stream().toArray();
  }

  /** The evidence about a layer at the end of its stage. */
  public EvidenceSet atStageEnd(StageEnd end, int layer) {
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> need : needs) {
      observed = reading(need).addAtStageEnd(observed, need, end, layer);
    }
    return observed;
  }

  /**
   * What was read of a layer, with what is known when the whole prompt has run.
   *
   * @param lastLayerTokens which tokens of the prompt the last layer was given, ascending
   */
  public EvidenceSet afterPrefill(EvidenceSet ofLayer, int[] lastLayerTokens) {
    EvidenceSet observed = ofLayer;
    for (Evidence<?> need : needs) {
      observed = reading(need).addAfterPrefill(observed, need, lastLayerTokens);
    }
    return observed;
  }

  /** Whether some of the kinds follow while decoding. */
  public static boolean followsDecoding(Set<Evidence<?>> kinds) {
    return kinds.stream().anyMatch(kind -> reading(kind).followsDecoding());
  }

  /** The evidence among this that follows while decoding. */
  public static EvidenceSet following(EvidenceSet observed) {
    return observed.only(
        observed.kinds().stream().filter(kind -> reading(kind).followsDecoding()).toList());
  }

  /**
   * What follows while decoding, after one more token.
   *
   * @param attention of the new token to all rows, its own last, [kvHeads, N]
   */
  public static EvidenceSet grown(EvidenceSet before, Matrix attention) {
    EvidenceSet grown = EvidenceSet.nothing();
    for (Evidence<?> kind : before.kinds()) {
      if (reading(kind).followsDecoding()) {
        grown = reading(kind).addGrown(grown, kind, before, attention);
      }
    }
    return grown;
  }
}
