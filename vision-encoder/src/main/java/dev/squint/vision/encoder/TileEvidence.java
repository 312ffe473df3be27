package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.vision.onnx.graph.Tap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The evidence that taps on an encoder's layers provide. {@link TileReadings} defines the taps of
 * each kind.
 *
 * @param layers number of the encoder's layers
 */
record TileEvidence(int layers) {

  /** Whether taps can provide the evidence, if the graph can be tapped. */
  boolean knows(Evidence<?> evidence) {
    return TileReadings.of(evidence)
        .map(reading -> reading.layer(evidence, layers))
        .filter(layer -> layer >= 0 && layer < layers)
        .isPresent();
  }

  private static TileReading<?, ?> reading(Evidence<?> evidence) {
    return TileReadings.of(evidence)
        .orElseThrow(
            () -> new IllegalArgumentException("no layer of an encoder provides " + evidence));
  }

  /** The layer that evidence refers to, from 0. */
  int layer(Evidence<?> evidence) {
    return reading(evidence).layer(evidence, layers);
  }

  /** Whether a point inside the encoder can give the evidence, of the layers so far. */
  static boolean isGivenInside(Evidence<?> evidence) {
    return TileReadings.of(evidence).filter(TileReading::isGivenInside).isPresent();
  }

  /** The first layer that evidence depends on, from 0. */
  int earliest(Evidence<?> evidence) {
    return reading(evidence).earliest(layer(evidence));
  }

  /**
   * The taps that the evidence needs at a point inside the encoder.
   *
   * @param run number of layers that have run there
   */
  static Set<Tap> tapsInside(Set<? extends Evidence<?>> wanted, int run) {
    Set<Tap> taps = new LinkedHashSet<>();
    wanted.forEach(evidence -> taps.addAll(reading(evidence).taps(run - 1)));
    return taps;
  }

  /** The taps that the evidence needs. */
  Set<Tap> taps(Set<? extends Evidence<?>> wanted) {
    Set<Tap> taps = new LinkedHashSet<>();
    wanted.forEach(evidence -> taps.addAll(reading(evidence).taps(layer(evidence))));
    return taps;
  }

  /** Number of a tile's hidden states where the evidence was tapped. */
  int rows(TileStates tile, Evidence<?> evidence) {
    return reading(evidence).rows(tile, layer(evidence));
  }

  /**
   * The evidence about the tokens of all tiles.
   *
   * @param parts for each kind of evidence the tiles: layers of an encoder may have different
   *     numbers of hidden states
   */
  EvidenceSet observed(
      Set<? extends Evidence<?>> wanted, Function<Evidence<?>, List<TilePart>> parts) {
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> evidence : wanted) {
      observed = reading(evidence).add(observed, evidence, parts.apply(evidence), layer(evidence));
    }
    return observed;
  }
}
