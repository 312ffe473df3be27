package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.LayerInfo;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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
  private @Nullable List<LayerInfo> layers;
  private @Nullable Boolean quantisesTogether;
  private String unknown = "";
  private boolean runsOnSomePatches;
  private boolean merges;
  private @Nullable OnnxSession ofSomePatches;

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
  }

  /** Whether the graph uses dynamic quantization, with scales computed over all tiles of a run. */
  synchronized boolean quantisesTogether() {
    Boolean known = quantisesTogether;
    if (known == null) {
      known = GraphRewriter.quantisesWhileRunning(graph);
      quantisesTogether = known;
    }
    return known;
  }

  /** Number of layers; 0 if the graph follows no known pattern. */
  synchronized int layers() {
    List<LayerInfo> known = layers;
    if (known == null) {
      try {
        known = GraphRewriter.layers(graph, GraphKind.VISION_ENCODER);
      } catch (IllegalArgumentException e) {
        known = List.of();
        unknown = String.valueOf(e.getMessage());
      }
      layers = known;
    }
    return known.size();
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
      throw new IllegalArgumentException("the encoder cannot be cut: " + unknown);
    }
    checkMerging();
    for (Point point : inside) {
      if (point.layers() > layers()) {
        throw new IllegalArgumentException(
            "the encoder has %d layers, so there is no point '%s'; choose encoder1 to encoder%d"
                .formatted(layers(), point, layers()));
      }
      if (!plan.needs(point).isEmpty()) {
        throw new IllegalArgumentException(
            "inside the encoder, methods can use only hidden states; at '%s' the plan needs %s"
                .formatted(point, plan.needs(point)));
      }
    }
    int last = inside.get(inside.size() - 1).layers();
    TileEvidence evidence = new TileEvidence(layers());
    for (Evidence<?> wanted : plan.needs(Point.ENCODER)) {
      if (evidence.knows(wanted) && evidence.layer(wanted) < last) {
        throw new IllegalArgumentException(
            "%s is evidence of a layer before tokens are merged at encoder%d; choose a method that uses evidence of later layers"
                .formatted(wanted, last));
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
    if (!runsOnSomePatches) {
      if (takesPatches) {
        GraphRewriter.checkPatchRows(graph);
      } else {
        GraphRewriter.checkEmbeddingCut(graph);
      }
      runsOnSomePatches = true;
    }
  }

  private synchronized void checkMerging() {
    if (!merges) {
      GraphRewriter.checkMerging(graph);
      merges = true;
    }
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
    Set<Tap> taps = new TileEvidence(layers()).taps(evidence);
    Set<Integer> cuts = new TreeSet<>();
    if (somePatches) {
      cuts.add(CutPlan.EMBEDDINGS);
      cuts.add(layers() - 1);
    }
    int unmaskedFrom = CutPlan.NONE;
    for (Point point : inside(plan)) {
      cuts.add(point.layers() - 1);
      cuts.add(layers() - 1);
      unmaskedFrom = Math.min(unmaskedFrom, point.layers());
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
  synchronized OnnxSession ofSomePatches() {
    OnnxSession session = ofSomePatches;
    if (session == null) {
      CutGraph whole = rewriter.cut(graph, GraphKind.VISION_ENCODER, CutPlan.ofSomePatches());
      session = OnnxSession.open(whole.file(0), whole.weights(), settings);
      ofSomePatches = session;
    }
    return session;
  }

  @Override
  public synchronized void close() {
    if (ofSomePatches != null) {
      ofSomePatches.close();
    }
    opened.forEach(EncoderStages::close);
    opened.clear();
  }
}
