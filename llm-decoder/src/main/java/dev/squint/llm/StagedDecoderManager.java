package dev.squint.llm;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.StagedDecoders;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.decoder.session.PromptEncoder;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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
  private final SessionSettings settings;
  private final Sharing sharing;
  private final TextEmbeddings embeddings;
  private final @Nullable PromptEncoder encoder;
  private final DecoderCutPlanner planner;
  private boolean visibilityChecked;
  private CutPlan current;
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
    this.planner = new DecoderCutPlanner(graph, cuts);
    this.settings = settings;
    this.sharing = sharing;
    this.prefixCacheBytes = prefixCacheBytes;
    this.embeddings = reader.embeddings();
    this.encoder = reader.encoder();
    current = planner.fixed();
    for (PruningPlan plan : plans) {
      try {
        current = first(current, plan);
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
      } catch (DeviceUnavailableException e) {
        decoder.closeStages();
        throw e;
      } catch (IllegalArgumentException e) {
        decoder.closeStages();
        throw refused(plan, e);
      }
    }
  }

  /** The cuts with those of a plan, before the decoder is open. */
  private CutPlan first(CutPlan before, PruningPlan plan) {
    if (encoder != null) {
      checkBeforeDecoder(plan);
      return before;
    }
    planner.check(plan, false);
    return planner.with(before, ofStages(plan));
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
   * @throws DeviceUnavailableException if the device has no room for a second copy of the decoder;
   *     the decoder is as before
   */
  synchronized StagedDecoder add(PruningPlan plan) {
    CutPlan more = with(plan);
    if (!more.equals(current)) {
      // Opened before the old one is closed: what cannot be opened costs no prompts that are
      // stored.
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
    planner.check(given, decoder.takesPositions());
    PruningPlan plan = planner.spread(given);
    boolean drops = DecoderCutPlanner.dropsInside(plan);
    if ((drops || plan.keepsPlaces()) && !visibilityChecked) {
      decoder.requireSightByOrder();
      visibilityChecked = true;
    }
    if (plan.keepsPlaces() && planner.cutPoints(plan).isEmpty() && !decoder.takesPositions()) {
      throw new IllegalArgumentException(
          "the decoder's graph has no input position_ids and counts tokens by itself; remove 'encoder:in-place', or add a step at a layer, because a decoder that is cut takes positions");
    }
    RotationCheck.check(plan, decoder);
  }

  /** The encoder of an encoder-decoder counts the tokens that it is given, and is not cut. */
  private static void checkBeforeDecoder(PruningPlan plan) {
    if (DecoderCutPlanner.dropsInside(plan) || !DecoderCutPlanner.glances(plan).isEmpty()) {
      throw new IllegalArgumentException(
          "the decoder attends to what an encoder gives of the whole prompt, so plans can act before it alone: use tiles or encoder, and no method that reads the decoder");
    }
    if (plan.keepsPlaces()) {
      throw new IllegalArgumentException(
          "the encoder_model counts the tokens that it is given, so they cannot keep their positions; remove 'encoder:in-place'");
    }
  }

  /** Number of layers that plans can act between. */
  synchronized int layerCount() {
    return planner.layerCount();
  }

  /**
   * What of a plan these stages run. With a router that is what looks ahead from before the
   * decoder; the steps inside it act on the stages of the router, which are cut after every layer.
   */
  private static PruningPlan ofStages(PruningPlan plan) {
    return plan.router() == null
        ? plan
        : new PruningPlan(
            plan.steps().stream()
                .filter(step -> step.point().kind() != Point.Kind.DECODER)
                .toList());
  }

  private CutPlan with(PruningPlan plan) {
    check(plan);
    if (encoder != null) {
      return current;
    }
    PruningPlan own = ofStages(plan);
    CutPlan more = planner.with(current, own);
    // A graph that counts would take the rows that are left for all there were; with a tap it is
    // rewritten, and then takes positions.
    return own.cache().isEmpty() || decoder.takesPositions()
        ? more
        : DecoderCutPlanner.with(more, List.of(), Set.of(Tap.queries(0)));
  }

  private StagedDecoder open(CutPlan plan) {
    if (encoder != null) {
      return StagedDecoder.open(embeddings, encoder, graph, settings, sharing);
    }
    return StagedDecoders.open(embeddings, graph, plan, settings, sharing);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
