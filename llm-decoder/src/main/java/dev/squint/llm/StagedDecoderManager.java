package dev.squint.llm;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.decoder.session.PromptEncoder;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.plan.CacheStep;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.LayerInfo;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The decoder of a model, cut where its plans act. One set of stages serves all requests: cuts and
 * taps are added when a plan needs them and never removed. Thread-safe but for {@link #add}, during
 * which no stage may run.
 */
final class StagedDecoderManager implements AutoCloseable {

  /** The package is fine, but a plan that it was loaded for cannot be followed. */
  static final class RefusedPlan extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private RefusedPlan(String message, IllegalArgumentException cause) {
      super(message, cause);
    }
  }

  /**
   * What makes of a prompt what the decoder reads.
   *
   * @param encoder of an encoder-decoder; null for other decoders
   */
  record Reader(TextEmbeddings embeddings, @Nullable PromptEncoder encoder) {}

  private final Path graph;
  private final Cuts cuts;
  private final SessionSettings settings;
  private final Sharing sharing;
  private final TextEmbeddings embeddings;
  private final @Nullable PromptEncoder encoder;
  private @Nullable List<LayerInfo> layers;
  private @Nullable String uncuttable;
  private boolean positioned;
  private boolean sighted;
  private boolean paired;
  private CutPlan current = CutPlan.after();
  private final long prefixCacheBytes;
  private volatile StagedDecoder decoder;
  private volatile PrefixCache prefixes;

  /**
   * Opens a decoder.
   *
   * @param reader takes ownership
   * @param plans that will be used
   * @param prefixCacheBytes most bytes of keys and values of earlier prompts
   * @param sharing how requests share the decoder
   * @throws IllegalArgumentException if the graph is no decoder, or cannot be cut at the cut points
   *     of the settings
   * @throws RefusedPlan if it cannot be cut where a plan acts
   */
  StagedDecoderManager(
      Path graph,
      Reader reader,
      Cuts cuts,
      Collection<PruningPlan> plans,
      long prefixCacheBytes,
      SessionSettings settings,
      Sharing sharing) {
    this.graph = graph;
    this.cuts = cuts;
    this.settings = settings;
    this.sharing = sharing;
    this.prefixCacheBytes = prefixCacheBytes;
    this.embeddings = reader.embeddings();
    this.encoder = reader.encoder();
    if (!cuts.fixed(Integer.MAX_VALUE).isEmpty()) {
      current = cut(cuts.fixed(layers().size()), Set.of());
    }
    for (PruningPlan plan : plans) {
      try {
        current = with(plan);
      } catch (IllegalArgumentException e) {
        throw refused(plan, e);
      }
    }
    decoder = open(current);
    prefixes = decoder.prefixCache(prefixCacheBytes);
    for (PruningPlan plan : plans) {
      try {
        // Only an open decoder shows whether it takes positions, which some plans need.
        add(plan);
      } catch (IllegalArgumentException e) {
        decoder.closeStages();
        throw refused(plan, e);
      }
    }
  }

  static RefusedPlan refused(PruningPlan plan, IllegalArgumentException cause) {
    return new RefusedPlan(
        "the model cannot follow '%s': %s".formatted(plan, cause.getMessage()), cause);
  }

  StagedDecoder decoder() {
    return decoder;
  }

  /** Keys and values of earlier prompts in the current stages. */
  PrefixCache prefixes() {
    return prefixes;
  }

  /** Whether the decoder has all cuts and taps that a plan needs. */
  synchronized boolean serves(PruningPlan plan) {
    return with(plan).equals(current);
  }

  /**
   * Cuts the decoder again with what a plan needs.
   *
   * @return the decoder that serves the plan
   * @throws IllegalArgumentException if that cannot be; the decoder is as before
   */
  synchronized StagedDecoder add(PruningPlan plan) {
    CutPlan more = with(plan);
    if (!more.equals(current)) {
      StagedDecoder old = decoder;
      decoder = open(more);
      prefixes = decoder.prefixCache(prefixCacheBytes);
      current = more;
      old.closeStages();
    }
    check(plan);
    return decoder;
  }

  /**
   * Checks that a plan can act at its points.
   *
   * @throws IllegalArgumentException saying why not, and what can be
   */
  synchronized void check(PruningPlan given) {
    if (encoder != null) {
      checkBeforeDecoder(given);
      return;
    }
    PruningPlan plan = spread(given);
    placesOf(plan).forEach(this::check);
    if (dropsInside(plan)) {
      checkPositions();
    }
    if ((dropsInside(plan) || plan.keepsPlaces()) && decoder != null && !sighted) {
      decoder.requireSightByOrder();
      sighted = true;
    }
    if (plan.keepsPlaces()
        && placesOf(plan).isEmpty()
        && decoder != null
        && !decoder.takesPositions()) {
      throw new IllegalArgumentException(
          "the decoder's graph has no input position_ids and counts tokens by itself; remove 'encoder:in-place', or add a step at a layer, because a decoder that is cut takes positions");
    }
    if (NeighbourAttention.isIn(given)) {
      NeighbourAttention.require(given, graph, paired);
      paired = true;
    }
    ExitStep exits = plan.exits();
    if (exits != null) {
      checkPassedBy(plan, exits);
    }
    if (plan.cache().stream().anyMatch(step -> step.policy().positionsInCache())
        && decoder != null
        && decoder.takesPositions()) {
      decoder.requireMovableKeys();
    }
  }

  /** The encoder of an encoder-decoder counts the tokens that it is given, and is not cut. */
  private static void checkBeforeDecoder(PruningPlan plan) {
    if (dropsInside(plan) || !glances(plan).isEmpty()) {
      throw new IllegalArgumentException(
          "the decoder attends to what an encoder gives of the whole prompt, so plans can act before it alone: use tiles or encoder, and no method that reads the decoder");
    }
    if (plan.keepsPlaces()) {
      throw new IllegalArgumentException(
          "the encoder_model counts the tokens that it is given, so they cannot keep their positions; remove 'encoder:in-place'");
    }
  }

  /** Whether tokens that one layer has another has not. */
  private static boolean dropsInside(PruningPlan plan) {
    return plan.points().stream().anyMatch(point -> point.kind() == Point.Kind.DECODER)
        || plan.deepStack().isPresent()
        || plan.exits() != null
        || plan.schedule() != null
        || !plan.cache().isEmpty();
  }

  /** Checks that each token keeps its position when others go; read on first use. */
  private void checkPositions() {
    if (!positioned && (decoder == null || !decoder.takesPositions())) {
      PositionCheck.require(graph);
    }
    positioned = true;
  }

  /** Nothing can act where the prompt skips layers. */
  private void checkPassedBy(PruningPlan plan, ExitStep exits) {
    int bottom = exits.schedule().bottom();
    int top = exits.schedule().active(layers().size(), -1)[bottom];
    for (Point point : actingPlaces(plan)) {
      if (top > bottom && point.layers() >= bottom && point.layers() <= top) {
        throw new IllegalArgumentException(
            "under '%s' the prompt skips layers %d to %d, so nothing can act at '%s'; set most=1.0 or choose another point"
                .formatted(exits, bottom, top - 1, point));
      }
    }
  }

  /** The cut points that the plan needs between layers and for its cache steps. */
  private Set<Point> placesOf(PruningPlan plan) {
    Set<Point> places = actingPlaces(plan);
    for (CacheStep step : plan.cache()) {
      for (int place : step.policy().cuts(layers().size())) {
        places.add(Point.decoder(place));
      }
    }
    ExitStep exits = plan.exits();
    if (exits != null) {
      for (int place : exits.schedule().places(layers().size())) {
        places.add(Point.decoder(place));
      }
    }
    return places;
  }

  /** The points between layers at which the plan acts on tokens. */
  private static Set<Point> actingPlaces(PruningPlan plan) {
    Set<Point> places = new TreeSet<>();
    for (Point point : plan.points()) {
      if (point.kind() == Point.Kind.DECODER) {
        places.add(point);
      }
    }
    glances(plan).forEach(glance -> places.add(Point.decoder(glance.layers())));
    plan.deepStack()
        .ifPresent(
            deep -> {
              for (int place : deep.places()) {
                places.add(Point.decoder(place));
              }
            });
    return places;
  }

  /** Attention of the first layers that is read before crops are encoded. */
  private static List<GlanceAttention> glances(PruningPlan plan) {
    return plan.needs(Point.TILES).stream()
        .filter(GlobalViews.class::isInstance)
        .flatMap(views -> ((GlobalViews) views).showing().stream())
        .filter(GlanceAttention.class::isInstance)
        .map(GlanceAttention.class::cast)
        .toList();
  }

  private void check(Point point) {
    List<LayerInfo> known = layers();
    int place = point.layers();
    if (place >= known.size()) {
      throw new IllegalArgumentException(
          "the decoder has %d layers, so a plan can act at layer1 to layer%d, not at '%s'"
              .formatted(known.size(), known.size() - 1, point));
    }
    if (!known.get(place - 1).cuttable()) {
      throw new IllegalArgumentException(
          "the decoder's graph cannot be cut at '%s'; it can at %s"
              .formatted(
                  point,
                  known.stream()
                      .filter(LayerInfo::cuttable)
                      .map(layer -> "layer" + (layer.layer() + 1))
                      .toList()));
    }
    if (!cuts.allow(place)) {
      throw new IllegalArgumentException(
          "the decoder is cut at '%s', not at '%s'; load it with other cuts"
              .formatted(cuts, point));
    }
  }

  /** The layers; read on first use, because that parses the whole graph. */
  private List<LayerInfo> layers() {
    if (uncuttable != null) {
      throw new IllegalArgumentException(uncuttable);
    }
    if (layers == null) {
      try {
        layers = GraphRewriter.layers(graph, GraphKind.DECODER);
      } catch (IllegalArgumentException e) {
        uncuttable =
            "the decoder cannot be cut between its layers, so plans can act before it alone: "
                + e.getMessage();
        throw new IllegalArgumentException(uncuttable, e);
      }
    }
    return layers;
  }

  /** The plan with every step that its schedule may have. */
  private PruningPlan spread(PruningPlan plan) {
    return plan.schedule() == null ? plan : plan.spread(layers().size());
  }

  /** Number of layers that plans can act between. */
  synchronized int layerCount() {
    return layers().size();
  }

  private CutPlan with(PruningPlan given) {
    check(given);
    if (encoder != null) {
      return current;
    }
    PruningPlan plan = spread(given);
    Set<Tap> taps = new LinkedHashSet<>();
    Set<Point> places = placesOf(plan);
    for (Point point : places) {
      taps.addAll(LayerEvidence.taps(plan.needs(point), point.layers()));
    }
    for (GlanceAttention glance : glances(plan)) {
      taps.addAll(LayerEvidence.glanceTaps(glance.layers()));
    }
    Set<Evidence<?>> ofCache = plan.needs(Point.CACHE);
    if (!ofCache.isEmpty()) {
      taps.addAll(CacheEvidence.taps(ofCache, layers().size()));
    }
    if (!plan.cache().isEmpty() && decoder != null && !decoder.takesPositions()) {
      // A graph that counts would take the rows that are left for all there were; with a tap it is
      // rewritten, and then takes positions.
      taps.add(Tap.queries(0));
    }
    return cut(places.stream().map(Point::layers).toList(), taps)
        .withPairs(current.pairs() || NeighbourAttention.isIn(given));
  }

  private CutPlan cut(Collection<Integer> places, Set<Tap> taps) {
    Set<Integer> after = new TreeSet<>(current.cutAfter());
    places.forEach(place -> after.add(place - 1));
    Set<Tap> all = new LinkedHashSet<>(current.taps());
    all.addAll(taps);
    return new CutPlan(List.copyOf(after), all).withPairs(current.pairs());
  }

  private StagedDecoder open(CutPlan plan) {
    if (encoder != null) {
      return StagedDecoder.open(embeddings, encoder, graph, settings, sharing);
    }
    if (plan.equals(CutPlan.after())) {
      return StagedDecoder.open(embeddings, graph, settings, sharing);
    }
    return StagedDecoder.open(
        embeddings,
        new GraphRewriter(GraphCache.ofUser()).cut(graph, GraphKind.DECODER, plan),
        settings,
        sharing);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
