package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.EncoderLayerTokens;
import dev.squint.pruner.evidence.TileSummary;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.Placement;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The {@code vision_encoder.onnx} of a Hugging Face package.
 *
 * <p>Inputs and outputs are read from the graph itself. It takes {@code pixel_values} of rank 5
 * ([1, T, 3, H, W], Idefics3), 4 ([T, 3, H, W]), 3 ([T, patches, values], LFM2-VL) or 2 (patches,
 * Qwen2-VL); {@code pixel_attention_mask}; {@code spatial_shapes}; {@code image_grid_thw} or {@code
 * grid_thw}. It gives {@code image_features}, [T, tokens, D] or [T * tokens, D]. A graph that also
 * has an output {@code cls_attentions}, [T, layers, H, tokens], or [T, H, tokens] for the last
 * layer, gives attention as evidence. Other evidence of its layers, and token merging between
 * layers, need a rewritten graph.
 */
public final class OnnxVisionEncoder implements VisionEncoder {

  private static final String FEATURES = "image_features";

  private static final Evidence<Matrix> LAYER_TOKENS = new EncoderLayerTokens();

  /** Vectors that are no tokens of a grid: what ends a row, and what announces the global view. */
  private static final List<String> LINE_BREAKS = List.of("image_newline", "image_separator");

  /** One tile of 512 x 512. Larger runs save no time and need more memory for attention. */
  private static final int MAX_PIXELS_PER_RUN = 1 << 18;

  private final OnnxSession session;
  private final EncoderInputs inputs;
  private final TensorSpec features;
  private final Optional<Matrix> lineBreak;
  private final RewrittenEncoder rewritten;
  private final boolean summarises;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private final Map<Dimensions, TokenGrid> grids = new ConcurrentHashMap<>();
  private boolean closed;

  private OnnxVisionEncoder(
      EncoderInputs inputs, TensorSpec features, RewrittenEncoder rewritten, boolean summarises) {
    this.summarises = summarises;
    this.session = inputs.session();
    this.inputs = inputs;
    this.features = features;
    this.rewritten = rewritten;
    this.lineBreak = readLineBreak();
  }

  /**
   * Reads weights that do not depend on the pixels, which are zeros; no other output is computed.
   */
  private Optional<Matrix> readLineBreak() {
    Set<String> given = new LinkedHashSet<>(LINE_BREAKS);
    given.retainAll(session.outputs().keySet());
    if (given.isEmpty()) {
      return Optional.empty();
    }
    Map<String, OnnxTensor> zeros = new HashMap<>();
    try {
      for (TensorSpec input : session.inputs().values()) {
        zeros.put(input.name(), session.zeros(input.name()));
      }
      try (OrtSession.Result result = session.run(zeros, given)) {
        List<Matrix> rows = new ArrayList<>();
        for (String name : given) {
          FloatBuffer values = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
          float[] row = new float[values.remaining()];
          values.get(row);
          rows.add(new Matrix(1, row.length, row));
        }
        return Optional.of(Matrix.stacked(rows));
      }
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(
          "%s does not give %s; check num_img_tokens of preprocessor_config.json: %s"
              .formatted(session.name(), given, e.getMessage()),
          e);
    } finally {
      zeros.values().forEach(OnnxTensor::close);
    }
  }

  /**
   * The embedding that ends a row of visual tokens, and that of the separator before the global
   * view, [1, D] or [2, D]: the outputs {@code image_newline} and {@code image_separator}, if the
   * graph has them.
   */
  @Override
  public Optional<Matrix> lineBreak() {
    return lineBreak;
  }

  /**
   * Opens a graph. Rewritten graphs are stored in the user's cache folder.
   *
   * @throws IllegalArgumentException if the file is missing or broken, or the graph is not a vision
   *     encoder whose inputs Squint can fill; the message names the inputs
   */
  public static OnnxVisionEncoder open(Path graph, SessionSettings settings) {
    return open(graph, settings, new GraphRewriter(GraphCache.ofUser()));
  }

  /**
   * Opens a graph.
   *
   * @param rewriter rewrites the graph and stores the results
   * @throws IllegalArgumentException if the file is missing or broken, or the graph is not a vision
   *     encoder whose inputs Squint can fill; the message names the inputs
   */
  public static OnnxVisionEncoder open(
      Path graph, SessionSettings settings, GraphRewriter rewriter) {
    return open(graph, settings, rewriter, false);
  }

  /**
   * Opens a graph whose first token of each tile is one of all of it, {@link TileSummary}.
   *
   * @throws IllegalArgumentException if the file is missing or broken, or the graph is not a vision
   *     encoder whose inputs Squint can fill; the message names the inputs
   */
  public static OnnxVisionEncoder openSummarising(Path graph, SessionSettings settings) {
    return open(graph, settings, new GraphRewriter(GraphCache.ofUser()), true);
  }

  private static OnnxVisionEncoder open(
      Path graph, SessionSettings settings, GraphRewriter rewriter, boolean summarises) {
    OnnxSession session = OnnxSession.open(graph, settings);
    try {
      EncoderInputs inputs = EncoderInputs.of(session);
      TensorSpec features = session.outputs().get(FEATURES);
      if (features == null) {
        throw new IllegalArgumentException(
            "%s has no output image_features; its outputs are %s; export it as a vision encoder"
                .formatted(session.name(), session.outputs().values()));
      }
      // A graph that gives a separator takes a global view and at least one crop.
      boolean takesTwo = session.outputs().keySet().containsAll(LINE_BREAKS);
      return new OnnxVisionEncoder(
          inputs, features, new RewrittenEncoder(graph, settings, rewriter, takesTwo), summarises);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** The session of the whole graph, with its inputs and outputs. */
  public OnnxSession session() {
    return session;
  }

  @Override
  public Optional<Placement> placement() {
    return Optional.of(session.placement());
  }

  @Override
  public boolean gives(Evidence<?> evidence) {
    return isOutput(evidence)
        || (canBeRewritten()
            && (tapped().knows(evidence)
                || (evidence.equals(LAYER_TOKENS) && rewritten.layers() > 0)));
  }

  private boolean isOutput(Evidence<?> evidence) {
    return evidence instanceof TileSummary
        ? summarises
        : OutputReadings.of(evidence, session.outputs()).isPresent();
  }

  /**
   * Encoders that take patches may reorder them, and the graph does not declare the order. The
   * layers of an encoder that sums tiles up have other tokens than those that it gives.
   */
  private boolean canBeRewritten() {
    return !inputs.arePatches() && !summarises;
  }

  @Override
  public Set<Evidence<?>> ofPrompts() {
    return summarises ? Set.of(new TileSummary()) : Set.of();
  }

  @Override
  public boolean encodesTilesApart() {
    return !rewritten.quantisesTogether();
  }

  private TileEvidence tapped() {
    return new TileEvidence(rewritten.layers());
  }

  @Override
  public TokenGrid groups(TiledImage picture) {
    checkPatches();
    return whileOpen(() -> groupsOpen(picture));
  }

  private TokenGrid groupsOpen(TiledImage picture) {
    PatchLayout layout = picture.patchLayout();
    if (inputs.arePatches() && layout != null) {
      return new TokenGrid(
          picture.tileHeight() / layout.tokenEdge(), picture.tileWidth() / layout.tokenEdge());
    }
    return grids.computeIfAbsent(
        new Dimensions(picture.tileWidth(), picture.tileHeight()), size -> grid(picture));
  }

  private TokenGrid grid(TiledImage picture) {
    OptionalLong tokens = features.rank() == 3 ? features.fixed(1) : OptionalLong.empty();
    return tokens.isPresent()
        ? TokenGrid.of((int) tokens.getAsLong(), picture.tileWidth(), picture.tileHeight())
        : staged(List.of(picture.only(0)), Set.of(), PruningPlan.none(), true).grid();
  }

  private void checkPatches() {
    if (summarises) {
      throw new IllegalArgumentException(
          session.name() + " joins patches between its layers; use encoder instead of patches");
    }
    if (inputs.takesSheets()) {
      throw new IllegalArgumentException(
          session.name()
              + " takes the patches of tiles of several sizes, of which none can be left out; use tiles or encoder instead of patches");
    }
    rewritten.checkPatches(inputs.arePatches());
  }

  @Override
  public void check(PruningPlan plan) {
    if (plan.points().contains(Point.PATCHES)) {
      checkPatches();
    }
    if (RewrittenEncoder.inside(plan).isEmpty()) {
      return;
    }
    if (!canBeRewritten()) {
      throw new IllegalArgumentException(
          session.name()
              + (summarises ? " joins patches between its layers" : " reorders its patches")
              + ", so tokens cannot be merged inside it; remove the steps at encoder points from the plan");
    }
    rewritten.check(plan);
  }

  @Override
  public PatchTokens encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    for (Evidence<?> wanted : evidence) {
      if (!gives(wanted)) {
        throw new IllegalArgumentException(
            "%s cannot provide the evidence %s; its outputs are %s"
                .formatted(session.name(), wanted, session.outputs().values()));
      }
    }
    if (evidence.contains(LAYER_TOKENS) && RewrittenEncoder.inside(plan).isEmpty()) {
      throw new IllegalArgumentException(
          "%s is evidence of plans that act inside the encoder, and '%s' does not"
              .formatted(LAYER_TOKENS, plan));
    }
    check(plan);
    return whileOpen(() -> encodeOpen(pictures, evidence, plan));
  }

  private PatchTokens encodeOpen(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    boolean whole =
        RewrittenEncoder.inside(plan).isEmpty()
            && (inputs.arePatches() || pictures.stream().noneMatch(TiledImage::isPartial));
    return whole && evidence.stream().allMatch(this::isOutput)
        ? encodeWhole(pictures, evidence)
        : encodeInStages(pictures, evidence, plan);
  }

  /** Reads from the graph, which is not closed meanwhile. */
  private <T> T whileOpen(Supplier<T> reading) {
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(session.name() + " is closed");
      }
      return reading.get();
    } finally {
      inUse.readLock().unlock();
    }
  }

  private PatchTokens encodeWhole(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    int size = (int) features.fixed(-1).orElse(0);
    EncoderInputs given =
        pictures.stream().anyMatch(TiledImage::isPartial)
            ? EncoderInputs.of(rewritten.ofSomePatches())
            : inputs;
    return new WholeEncoding(given, size, MAX_PIXELS_PER_RUN, summarises)
        .encode(pictures, evidence);
  }

  private PatchTokens encodeInStages(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    boolean somePatches = pictures.stream().anyMatch(TiledImage::isPartial);
    Set<Evidence<?>> taps = new LinkedHashSet<>(evidence);
    taps.remove(LAYER_TOKENS);
    PatchTokens tokens = staged(pictures, taps, plan, somePatches).encode(plan, tapped(), taps);
    boolean whole = !somePatches && RewrittenEncoder.inside(plan).isEmpty();
    return whole
        ? withoutCostOfOutputs(tokens, evidence)
        : tokens.showingOnly(new LinkedHashSet<>(evidence));
  }

  /**
   * Counts nothing for what the graph gives of itself, although taps have computed it again beside
   * other evidence: what a plan costs must not depend on the plans that were asked before.
   */
  private PatchTokens withoutCostOfOutputs(
      PatchTokens tokens, Set<? extends Evidence<?>> evidence) {
    PatchTokens counted = tokens;
    for (Evidence<?> kind : evidence) {
      if (isOutput(kind)) {
        counted = counted.withoutCost(kind);
      }
    }
    return counted;
  }

  private StagedEncoding staged(
      List<TiledImage> pictures,
      Set<? extends Evidence<?>> evidence,
      PruningPlan plan,
      boolean somePatches) {
    EncoderStages stages = rewritten.stages(plan, evidence, somePatches);
    return new StagedEncoding(
        session.name(), stages, inputs::tensor, pictures, MAX_PIXELS_PER_RUN, inputs.maxTiles());
  }

  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      closed = true;
      session.close();
      rewritten.close();
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
