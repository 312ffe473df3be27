package dev.squint.llm;

import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.Derived;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.tile.TiledImage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The evidence that no tap shows: of the question, the pixels, weights of the package, and what is
 * derived from other evidence. What each kind takes is in {@link RequestReadings}; kinds without a
 * reading there have another giver and are ignored.
 *
 * @param question the question's embeddings, [T, D]
 * @param trained what the package holds
 * @param glance runs the first decoder layers on the global views
 * @param frames the tiles of all pictures or frames
 */
record RequestEvidence(
    Supplier<Matrix> question, TrainedMethods trained, Glance glance, List<TiledImage> frames) {

  /** Runs the first decoder layers on the global views, before anything else is encoded. */
  @FunctionalInterface
  interface Glance {
    /** The same tokens with this evidence. */
    PatchTokens addTo(PatchTokens views, GlanceAttention kind);
  }

  /** Whether a package with these weights provides a kind of evidence at a point. */
  static boolean gives(TrainedMethods trained, Evidence<?> evidence, Point point) {
    if (evidence instanceof Derived<?> derived) {
      return derived.from().stream().allMatch(source -> gives(trained, source, point));
    }
    return RequestReadings.of(evidence)
        .filter(reading -> reading.gives(trained, evidence, point))
        .isPresent();
  }

  /** The tokens with the evidence among these needs that is known before the decoder runs. */
  PatchTokens addTo(PatchTokens tokens, Set<Evidence<?>> needs) {
    PatchTokens known = tokens;
    for (Evidence<?> need : needs) {
      Optional<RequestReading<?>> reading = RequestReadings.of(need);
      if (reading.isPresent()) {
        known = reading.get().addTo(known, need, this);
      } else if (need instanceof Derived<?> derived) {
        known = addDerived(known, derived, tokens);
      }
    }
    return known;
  }

  /** The groups with the evidence among these needs that is known before they are encoded. */
  PatchGroups addTo(PatchGroups groups, Set<Evidence<?>> needs) {
    PatchGroups known = groups;
    for (Evidence<?> need : needs) {
      Optional<RequestReading<?>> reading = RequestReadings.of(need);
      if (reading.isPresent()) {
        known = reading.get().addTo(known, need, this);
      }
    }
    return known;
  }

  private <V> PatchTokens addDerived(PatchTokens to, Derived<V> kind, PatchTokens tokens) {
    PatchTokens sources = addTo(tokens, kind.from());
    return to.with(kind, kind.derive(sources), kind.operations(sources));
  }

  /**
   * The tokens with the evidence of the request that methods between decoder layers read.
   *
   * @param visual the visual tokens of the prompt, [N, D]
   * @param text embeddings of the text after the pictures, [T, D]; read only if needed
   */
  static PatchTokens addForLayers(
      PatchTokens tokens, PruningPlan plan, Matrix visual, Supplier<Matrix> text) {
    Set<Evidence<?>> needs = new LinkedHashSet<>();
    plan.points().stream()
        .filter(point -> point.kind() == Point.Kind.DECODER)
        .forEach(point -> needs.addAll(plan.needs(point)));
    PatchTokens known = tokens;
    for (Evidence<?> need : needs) {
      Optional<RequestReading<?>> reading = RequestReadings.of(need);
      if (reading.isPresent()) {
        known = reading.get().addForLayers(known, need, visual, text);
      }
    }
    return known;
  }

  /**
   * The evidence, completed by what the package provides of these needs at a point between layers.
   */
  static EvidenceSet addAtLayer(
      EvidenceSet observed, TrainedMethods trained, Set<Evidence<?>> needs, Point point) {
    EvidenceSet known = observed;
    for (Evidence<?> need : needs) {
      Optional<RequestReading<?>> reading = RequestReadings.of(need);
      if (reading.isPresent()) {
        known = reading.get().addAtLayer(known, need, trained, point);
      }
    }
    return known;
  }
}
