package dev.squint.llm;

import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.CoarseCrops;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.plan.CacheStep;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.Lazy;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.LayerInfo;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Where a decoder's graph must be cut and tapped for plans, and whether it can be. It knows the
 * graph alone, which is parsed at first use; no decoder needs to be open. Not thread-safe.
 */
final class DecoderCutPlanner {

  private final Path graph;
  private final Cuts cuts;
  private final Lazy<Layers> layers;
  // What was checked once holds for the graph.
  private boolean positionsChecked;
  private boolean pairsChecked;

  /** The layers of the graph; or none, and why it cannot be cut. */
  private record Layers(List<LayerInfo> all, Optional<String> obstacle) {

    static Layers of(Path graph) {
      try {
        return new Layers(GraphRewriter.layers(graph, GraphKind.DECODER), Optional.empty());
      } catch (IllegalArgumentException e) {
        return new Layers(
            List.of(),
            Optional.of(
                "the decoder cannot be cut between its layers, so plans can act before it alone: "
                    + e.getMessage()));
      }
    }
  }

  /**
   * Plans cuts.
   *
   * @param cuts the cut points that are always there, and those that are allowed
   */
  DecoderCutPlanner(Path graph, Cuts cuts) {
    this.graph = graph;
    this.cuts = cuts;
    this.layers = new Lazy<>(() -> Layers.of(graph));
  }

  /** The cuts without any plan. */
  CutPlan fixed() {
    // The layers are counted only if needed, since that reads the graph.
    return cuts.always()
        ? with(CutPlan.after(), cuts.fixed(layerCount()), Set.of())
        : CutPlan.after();
  }

  /** Number of layers that plans can act between. */
  int layerCount() {
    return layers().size();
  }

  private List<LayerInfo> layers() {
    Layers known = layers.get();
    if (known.obstacle().isPresent()) {
      throw new IllegalArgumentException(known.obstacle().get());
    }
    return known.all();
  }

  /** The plan with every step that its schedule may have. */
  PruningPlan spread(PruningPlan plan) {
    return plan.schedule() == null ? plan : plan.spread(layerCount());
  }

  /**
   * Checks that the graph can be cut and tapped for a plan.
   *
   * @param takesPositions whether the decoder is open and known to take positions
   * @throws IllegalArgumentException saying why not, and what can be
   */
  void check(PruningPlan given, boolean takesPositions) {
    PruningPlan plan = spread(given);
    cutPoints(plan).forEach(this::check);
    if (dropsInside(plan)) {
      if (!positionsChecked && !takesPositions) {
        PositionCheck.require(graph);
      }
      positionsChecked = true;
    }
    if (NeighbourAttention.isIn(given)) {
      NeighbourAttention.require(given, graph, pairsChecked);
      pairsChecked = true;
    }
    ExitStep exits = plan.exits();
    if (exits != null) {
      checkSkipped(plan, exits);
    }
  }

  /** Nothing can act where the prompt skips layers. */
  private void checkSkipped(PruningPlan plan, ExitStep exits) {
    int bottom = exits.schedule().bottom();
    int top = exits.schedule().active(layerCount(), -1)[bottom];
    for (Point point : actingPoints(plan)) {
      if (top > bottom && point.layers() >= bottom && point.layers() <= top) {
        throw new IllegalArgumentException(
            "under '%s' the prompt skips layers %d to %d, so nothing can act at '%s'; set most=1.0 or choose another point"
                .formatted(exits, bottom, top - 1, point));
      }
    }
  }

  private void check(Point point) {
    List<LayerInfo> known = layers();
    int after = point.layers();
    if (after >= known.size()) {
      throw new IllegalArgumentException(
          "the decoder has %d layers, so a plan can act at layer1 to layer%d, not at '%s'"
              .formatted(known.size(), known.size() - 1, point));
    }
    if (!known.get(after - 1).cuttable()) {
      throw new IllegalArgumentException(
          "the decoder's graph cannot be cut at '%s'; it can at %s"
              .formatted(
                  point,
                  known.stream()
                      .filter(LayerInfo::cuttable)
                      .map(layer -> "layer" + (layer.layer() + 1))
                      .toList()));
    }
    if (!cuts.allow(after)) {
      throw new IllegalArgumentException(
          "the decoder is cut at '%s', not at '%s'; load it with other cuts"
              .formatted(cuts, point));
    }
  }

  /** The cuts with those that a plan needs. */
  CutPlan with(CutPlan current, PruningPlan given) {
    PruningPlan plan = spread(given);
    Set<Tap> taps = new LinkedHashSet<>();
    Set<Point> points = cutPoints(plan);
    for (Point point : points) {
      taps.addAll(LayerEvidence.taps(plan.needs(point), point.layers()));
    }
    for (GlanceAttention glance : glances(plan)) {
      taps.addAll(LayerEvidence.glanceTaps(glance.layers()));
    }
    Set<Evidence<?>> ofCache = plan.needs(Point.CACHE);
    if (!ofCache.isEmpty()) {
      taps.addAll(CacheEvidence.taps(ofCache, layerCount()));
    }
    return with(current, points.stream().map(Point::layers).toList(), taps)
        .withPairs(current.pairs() || NeighbourAttention.isIn(given));
  }

  /** The cuts with further ones after numbers of layers, and with further taps. */
  static CutPlan with(CutPlan current, Collection<Integer> after, Set<Tap> taps) {
    Set<Integer> cutAfter = new TreeSet<>(current.cutAfter());
    after.forEach(layers -> cutAfter.add(layers - 1));
    Set<Tap> all = new LinkedHashSet<>(current.taps());
    all.addAll(taps);
    return new CutPlan(List.copyOf(cutAfter), all).withPairs(current.pairs());
  }

  /** The cut points that the plan needs between layers and for its cache steps. */
  Set<Point> cutPoints(PruningPlan plan) {
    Set<Point> points = actingPoints(plan);
    for (CacheStep step : plan.cache()) {
      for (int after : step.policy().cuts(layerCount())) {
        points.add(Point.decoder(after));
      }
    }
    ExitStep exits = plan.exits();
    if (exits != null) {
      for (int after : exits.schedule().places(layerCount())) {
        points.add(Point.decoder(after));
      }
    }
    return points;
  }

  /** The points between layers at which the plan acts on tokens. */
  private static Set<Point> actingPoints(PruningPlan plan) {
    Set<Point> points = new TreeSet<>();
    for (Point point : plan.points()) {
      if (point.kind() == Point.Kind.DECODER) {
        points.add(point);
      }
    }
    glances(plan).forEach(glance -> points.add(Point.decoder(glance.layers())));
    plan.deepStack()
        .ifPresent(
            deep -> {
              for (int after : deep.places()) {
                points.add(Point.decoder(after));
              }
            });
    return points;
  }

  /** Attention of the first layers that is read before crops are encoded. */
  static List<GlanceAttention> glances(PruningPlan plan) {
    return plan.needs(Point.TILES).stream()
        .flatMap(DecoderCutPlanner::shown)
        .filter(GlanceAttention.class::isInstance)
        .map(GlanceAttention.class::cast)
        .distinct()
        .toList();
  }

  private static Stream<Evidence<?>> shown(Evidence<?> views) {
    return views instanceof GlobalViews global
        ? global.showing().stream()
        : views instanceof CoarseCrops coarser ? coarser.showing().stream() : Stream.empty();
  }

  /** Whether layers differ in the tokens that they have. */
  static boolean dropsInside(PruningPlan plan) {
    return plan.points().stream().anyMatch(point -> point.kind() == Point.Kind.DECODER)
        || plan.deepStack().isPresent()
        || plan.exits() != null
        || plan.schedule() != null
        || !plan.cache().isEmpty();
  }
}
