package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayeredPruner;
import dev.squint.pruner.Point;
import dev.squint.pruner.RestoringPruner;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import dev.squint.vision.io.Lazy;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rewrites an encoder's graph: adds taps that output values of its layers, and cuts it where tokens
 * are merged. A rewritten graph is opened on first use and stays open. Thread-safe.
 */
final class RewrittenEncoder implements AutoCloseable {

  private final Path graph;
  private final SessionSettings settings;
  private final GraphRewriter rewriter;
  private final boolean takesTwo;
  private final List<EncoderStages> opened = new ArrayList<>();
  private final Lazy<Layers> layers;
  private final Lazy<Boolean> quantisesTogether;
  private final Lazy<OnnxSession> ofSomePatches;
  // What was checked once holds for the graph.
  private boolean patchesChecked;
  private boolean mergingChecked;

  /**
   * The layers of the graph.
   *
   * @param count 0 if the graph follows no known pattern
   * @param obstacle why not
   */
  private record Layers(int count, String obstacle) {

    static Layers of(Path graph) {
      try {
        return new Layers(GraphRewriter.layers(graph, GraphKind.VISION_ENCODER).size(), "");
      } catch (IllegalArgumentException e) {
        return new Layers(0, String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Prepares a graph.
   *
   * @param takesTwo whether it takes at least two tiles
   */
  RewrittenEncoder(Path graph, SessionSettings settings, GraphRewriter rewriter, boolean takesTwo) {
    this.takesTwo = takesTwo;
    this.graph = graph;
    this.settings = settings;
    this.rewriter = rewriter;
    this.layers = new Lazy<>(() -> Layers.of(graph));
    this.quantisesTogether = new Lazy<>(() -> GraphRewriter.quantisesWhileRunning(graph));
    this.ofSomePatches = new Lazy<>(this::openForSomePatches);
  }

  /** Whether the graph uses dynamic quantization, with scales computed over all tiles of a run. */
  boolean quantisesTogether() {
    return quantisesTogether.get();
  }

  /** Number of layers; 0 if the graph follows no known pattern. */
  int layers() {
    return layers.get().count();
  }

  /**
   * Checks that the encoder can be cut where a plan acts inside it.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  void check(PruningPlan plan) {
    List<Point> inside = inside(plan);
    if (inside.isEmpty()) {
      return;
    }
    if (layers() == 0) {
      throw new IllegalArgumentException(
          "the encoder cannot be cut between its layers: %s; act behind its last layer, at 'encoder'"
              .formatted(layers.get().obstacle()));
    }
    checkMerging();
    for (Point point : inside) {
      if (point.layers() > layers()) {
        throw new IllegalArgumentException(
            "the encoder has %d layers, so there is no point '%s'; choose encoder1 to encoder%d"
                .formatted(layers(), point, layers()));
      }
      for (Evidence<?> wanted : plan.needs(point)) {
        if (!TileEvidence.isGivenInside(wanted)) {
          throw new IllegalArgumentException(
              "inside the encoder, methods can use only hidden states and what the layers so far have computed; at '%s' the plan needs %s"
                  .formatted(point, wanted));
        }
      }
    }
    List<Point> decisions = plan.insideEncoder(layers());
    int last = decisions.get(decisions.size() - 1).layers();
    TileEvidence evidence = new TileEvidence(layers());
    // Refuses evidence of a layer that is not there.
    TileEvidence.tapsInside(plan.needs(inside.get(0)), inside.get(0).layers());
    for (Evidence<?> wanted : plan.needs(Point.ENCODER)) {
      if (evidence.knows(wanted) && restoring(plan).isPresent()) {
        throw new IllegalArgumentException(
            "at '%s' tokens leave the encoder and come back behind its last layer, so no layer has %s of all tokens; choose a method that needs no evidence of the encoder's layers"
                .formatted(inside.get(0), wanted));
      }
      if (evidence.knows(wanted) && evidence.earliest(wanted) < last) {
        throw new IllegalArgumentException(
            "%s is evidence of a layer before tokens are %s at encoder%d; choose a method that uses evidence of later layers"
                .formatted(wanted, drops(plan) ? "dropped" : "merged", last));
      }
    }
  }

  /**
   * Checks that the encoder's layers can run on some of the patches.
   *
   * @param takesPatches whether it takes patches instead of tiles
   * @throws IllegalArgumentException if not; the message says why
   */
  synchronized void checkPatches(boolean takesPatches) {
    if (!patchesChecked) {
      if (takesPatches) {
        GraphRewriter.checkPatchRows(graph);
      } else {
        GraphRewriter.checkEmbeddingCut(graph);
      }
      patchesChecked = true;
    }
  }

  private synchronized void checkMerging() {
    if (!mergingChecked) {
      GraphRewriter.checkMerging(graph);
      mergingChecked = true;
    }
  }

  /** Whether the plan drops tokens between layers by what these have computed. */
  static boolean drops(PruningPlan plan) {
    return inside(plan).stream()
        .flatMap(point -> plan.at(point).stream())
        .anyMatch(step -> step.pruner() instanceof LayeredPruner);
  }

  /** The method of the plan that drops rows between layers and puts them back, if it has one. */
  static Optional<RestoringPruner> restoring(PruningPlan plan) {
    return inside(plan).stream()
        .flatMap(point -> plan.at(point).stream())
        .map(Step::pruner)
        .filter(RestoringPruner.class::isInstance)
        .map(RestoringPruner.class::cast)
        .findFirst();
  }

  /** The points inside the encoder where a plan acts, in order. */
  static List<Point> inside(PruningPlan plan) {
    return plan.points().stream()
        .filter(point -> point.kind() == Point.Kind.INSIDE_ENCODER)
        .toList();
  }

  /**
   * The encoder with taps for some evidence, cut where a plan acts inside it.
   *
   * @param somePatches whether its layers run on some of the patches
   * @throws IllegalArgumentException if the graph cannot be rewritten like this; the message names
   *     the node
   */
  synchronized EncoderStages stages(
      PruningPlan plan, Set<? extends Evidence<?>> evidence, boolean somePatches) {
    Set<Tap> taps = new LinkedHashSet<>(new TileEvidence(layers()).taps(evidence));
    Set<Integer> cuts = new TreeSet<>();
    if (somePatches) {
      cuts.add(CutPlan.EMBEDDINGS);
      cuts.add(layers() - 1);
    }
    int unmaskedFrom = CutPlan.NONE;
    for (Point point : plan.insideEncoder(layers())) {
      cuts.add(point.layers() - 1);
      cuts.add(layers() - 1);
      unmaskedFrom = Math.min(unmaskedFrom, point.layers());
    }
    List<Point> decisions = plan.insideEncoder(layers());
    if (!decisions.isEmpty()) {
      int last = decisions.get(decisions.size() - 1).layers();
      taps.addAll(TileEvidence.tapsInside(plan.needs(inside(plan).get(0)), last));
      int stabilised = restoring(plan).map(RestoringPruner::stabilised).orElse(0);
      for (int layer = last; layer < Math.min(last + stabilised, layers()); layer++) {
        cuts.add(layer);
      }
    }
    CutPlan wanted = new CutPlan(List.copyOf(cuts), taps, unmaskedFrom);
    for (EncoderStages stages : opened) {
      if (stages.plan().cutAfter().equals(wanted.cutAfter())
          && stages.plan().taps().containsAll(taps)) {
        return stages;
      }
    }
    CutGraph cut = rewriter.cut(graph, GraphKind.VISION_ENCODER, wanted);
    EncoderStages stages = new EncoderStages(wanted, cut, settings, takesTwo);
    opened.add(stages);
    return stages;
  }

  /** An encoder that takes patches, which can be given some of them. */
  OnnxSession ofSomePatches() {
    return ofSomePatches.get();
  }

  private OnnxSession openForSomePatches() {
    CutGraph whole = rewriter.cut(graph, GraphKind.VISION_ENCODER, CutPlan.ofSomePatches());
    return OnnxSession.open(whole.file(0), whole.weights(), settings);
  }

  @Override
  public synchronized void close() {
    ofSomePatches.known().ifPresent(OnnxSession::close);
    opened.forEach(EncoderStages::close);
    opened.clear();
  }
}
