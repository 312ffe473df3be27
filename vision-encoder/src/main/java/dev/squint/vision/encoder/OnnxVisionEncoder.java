package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.TilePlacement;
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
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The {@code vision_encoder.onnx} of a Hugging Face package.
 *
 * <p>The graph itself says what it takes: {@code pixel_values} of rank 5 ([1, T, 3, H, W],
 * Idefics3), 4 ([T, 3, H, W]) or 2 (patches, Qwen2-VL); {@code pixel_attention_mask}; {@code
 * image_grid_thw} or {@code grid_thw}. It gives {@code image_features}, [T, tokens, D] or [T *
 * tokens, D]. A graph that also has an output {@code cls_attentions}, [T, layers, H, tokens], or
 * [T, H, tokens] for the last layer, gives attention as evidence. What else methods read of its
 * layers, and merging between them, come from rewriting the graph.
 */
public final class OnnxVisionEncoder implements VisionEncoder {

  private static final String PIXELS = "pixel_values";
  private static final String MASK = "pixel_attention_mask";
  private static final Set<String> GRIDS = Set.of("image_grid_thw", "grid_thw");
  private static final String FEATURES = "image_features";
  private static final String CLS_ATTENTIONS = "cls_attentions";
  private static final String LINE_BREAK = "image_newline";

  /** Tiles that are encoded together make fewer runs but need more memory for attention. */
  private static final int MAX_PIXELS_PER_RUN = 1 << 20;

  private final OnnxSession session;
  private final TensorSpec pixels;
  private final TensorSpec features;
  private final Optional<Matrix> lineBreak;
  private final RewrittenEncoder rewritten;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private boolean closed;

  private OnnxVisionEncoder(
      OnnxSession session, TensorSpec pixels, TensorSpec features, RewrittenEncoder rewritten) {
    this.session = session;
    this.pixels = pixels;
    this.features = features;
    this.rewritten = rewritten;
    this.lineBreak = readLineBreak();
  }

  /** A weight that the graph gives out as it is: any pixels will do, and nothing else is run. */
  private Optional<Matrix> readLineBreak() {
    if (!session.outputs().containsKey(LINE_BREAK)) {
      return Optional.empty();
    }
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (TensorSpec input : session.inputs().values()) {
        inputs.put(input.name(), session.zeros(input.name()));
      }
      try (OrtSession.Result result = session.run(inputs, Set.of(LINE_BREAK))) {
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] row = new float[values.remaining()];
        values.get(row);
        return Optional.of(new Matrix(1, row.length, row));
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /**
   * The vector that ends a row of visual tokens, [1, D]: the output {@code image_newline}, if the
   * graph has one.
   */
  public Optional<Matrix> lineBreak() {
    return lineBreak;
  }

  /**
   * Opens a graph; where it must be rewritten, that is kept in the user's cache.
   *
   * @throws IllegalArgumentException if the file is missing or broken, or the graph is not a vision
   *     encoder that takes what Squint can give; the message says what it wants
   */
  public static OnnxVisionEncoder open(Path graph, SessionSettings settings) {
    return open(graph, settings, new GraphRewriter(GraphCache.ofUser()));
  }

  /**
   * Opens a graph.
   *
   * @param rewriter where rewritten graphs are kept
   * @throws IllegalArgumentException if the file is missing or broken, or the graph is not a vision
   *     encoder that takes what Squint can give; the message says what it wants
   */
  public static OnnxVisionEncoder open(
      Path graph, SessionSettings settings, GraphRewriter rewriter) {
    OnnxSession session = OnnxSession.open(graph, settings);
    try {
      Set<String> known = new LinkedHashSet<>(GRIDS);
      known.add(PIXELS);
      known.add(MASK);
      session.requireInputsAmong(known);
      TensorSpec pixels = session.inputs().get(PIXELS);
      if (pixels == null || !Set.of(2, 4, 5).contains(pixels.rank())) {
        throw new IllegalArgumentException(
            "%s needs an input pixel_values of 2, 4 or 5 dimensions but has %s"
                .formatted(session.name(), session.inputs().values()));
      }
      TensorSpec features = session.outputs().get(FEATURES);
      if (features == null) {
        throw new IllegalArgumentException(
            "%s needs an output image_features but has %s"
                .formatted(session.name(), session.outputs().values()));
      }
      return new OnnxVisionEncoder(
          session, pixels, features, new RewrittenEncoder(graph, settings, rewriter));
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** The graph, for what it takes and gives. */
  public OnnxSession session() {
    return session;
  }

  @Override
  public boolean gives(Evidence<?> evidence) {
    return isOutput(evidence) || (canBeRewritten() && tapped().knows(evidence));
  }

  private boolean isOutput(Evidence<?> evidence) {
    return evidence instanceof DeepFeatures deep
        ? session.outputs().containsKey(output(deep))
        : evidence instanceof ClsAttention attention && layer(attention) >= 0;
  }

  private static String output(DeepFeatures deep) {
    return "deepstack_features_" + deep.level();
  }

  /** Encoders of patches may put them into another order, which nothing tells. */
  private boolean canBeRewritten() {
    return pixels.rank() > 2;
  }

  @Override
  public boolean encodesTilesApart() {
    return !rewritten.quantisesTogether();
  }

  private TileEvidence tapped() {
    return new TileEvidence(rewritten.layers());
  }

  @Override
  public void check(PruningPlan plan) {
    if (RewrittenEncoder.inside(plan).isEmpty()) {
      return;
    }
    if (!canBeRewritten()) {
      throw new IllegalArgumentException(
          session.name()
              + " takes patches in an order of its own, so none can be merged inside it");
    }
    rewritten.check(plan);
  }

  /** Index of the layer on the output, or -1 if the graph does not give it. */
  private int layer(ClsAttention evidence) {
    TensorSpec output = session.outputs().get(CLS_ATTENTIONS);
    if (output == null) {
      return -1;
    }
    if (output.rank() == 3) {
      return evidence.layer() == -1 ? 0 : -1;
    }
    OptionalLong layers = output.rank() == 4 ? output.fixed(1) : OptionalLong.empty();
    int count = (int) layers.orElse(0);
    int layer = evidence.layer() < 0 ? count + evidence.layer() : evidence.layer();
    return layer < count ? layer : -1;
  }

  @Override
  public PatchTokens encode(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    for (Evidence<?> wanted : evidence) {
      if (!gives(wanted)) {
        throw new IllegalArgumentException(
            "%s does not give %s; its outputs are %s"
                .formatted(session.name(), wanted, session.outputs().values()));
      }
    }
    check(plan);
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(session.name() + " is closed");
      }
      boolean merges = !RewrittenEncoder.inside(plan).isEmpty();
      return !merges && evidence.stream().allMatch(this::isOutput)
          ? encodeWhole(pictures, evidence)
          : encodeInStages(pictures, evidence, plan);
    } finally {
      inUse.readLock().unlock();
    }
  }

  private PatchTokens encodeInStages(
      List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
    EncoderStages stages = rewritten.stages(plan, evidence);
    return new StagedEncoding(
            session.name(), stages, this::input, pictures, MAX_PIXELS_PER_RUN, maxTiles())
        .encode(plan, tapped(), evidence);
  }

  private PatchTokens encodeWhole(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    List<ClsAttention> attentions = only(ClsAttention.class, evidence);
    List<DeepFeatures> deep = only(DeepFeatures.class, evidence);
    List<TileRun> runs = TileRun.divide(pictures, MAX_PIXELS_PER_RUN, maxTiles());
    List<EncodedRun> encoded = new ArrayList<>();
    for (TileRun run : runs) {
      encoded.add(run(run, !attentions.isEmpty(), deep));
    }
    return tokens(runs, encoded, attentions, deep);
  }

  private static <E> List<E> only(Class<E> kind, Set<? extends Evidence<?>> evidence) {
    return evidence.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private PatchTokens tokens(
      List<TileRun> runs,
      List<EncodedRun> encoded,
      List<ClsAttention> attentions,
      List<DeepFeatures> deep) {
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      for (TileRun.Span span : runs.get(i).spans()) {
        TiledImage picture = span.picture();
        TokenGrid grid =
            TokenGrid.of(encoded.get(i).tokensPerTile(), picture.tileWidth(), picture.tileHeight());
        for (TilePlacement placement : picture.tiles().subList(span.from(), span.to())) {
          tiles.add(grid.tile(span.frame(), placement, picture));
        }
      }
    }
    EvidenceSet observed = EvidenceSet.nothing();
    for (ClsAttention attention : attentions) {
      observed =
          observed.with(
              attention, Attention.of(EncodedRun.clsAttention(encoded, layer(attention))));
    }
    int size = (int) features.fixed(-1).orElse(0);
    for (int i = 0; i < deep.size(); i++) {
      observed = observed.with(deep.get(i), EncodedRun.deep(encoded, i, size));
    }
    return PatchTokens.encoded(tiles, EncodedRun.features(encoded, size), observed);
  }

  /** Some graphs were exported for one tile at a time. */
  private int maxTiles() {
    return switch (pixels.rank()) {
      case 2 -> 1;
      case 4 -> (int) pixels.fixed(0).orElse(Integer.MAX_VALUE);
      default ->
          (int)
              Math.max(
                  pixels.fixed(0).orElse(Integer.MAX_VALUE),
                  pixels.fixed(1).orElse(Integer.MAX_VALUE));
    };
  }

  private EncodedRun run(TileRun run, boolean withAttention, List<DeepFeatures> deep) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      fill(inputs, run);
      Set<String> wanted = new LinkedHashSet<>(Set.of(FEATURES));
      if (withAttention) {
        wanted.add(CLS_ATTENTIONS);
      }
      deep.forEach(level -> wanted.add(output(level)));
      try (OrtSession.Result result = session.run(inputs, wanted)) {
        return EncodedRun.of(
            session.name(),
            run.tiles(),
            (OnnxTensor) result.get(FEATURES).orElseThrow(),
            (OnnxTensor) result.get(CLS_ATTENTIONS).orElse(null),
            deep.stream()
                .map(level -> (OnnxTensor) result.get(output(level)).orElseThrow())
                .toList());
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private void fill(Map<String, OnnxTensor> inputs, TileRun run) {
    for (String input : session.inputs().keySet()) {
      inputs.put(input, input(session, input, run));
    }
  }

  /** A value for an input of the whole graph, or of a stage that has it too. */
  private OnnxTensor input(OnnxSession stage, String input, TileRun run) {
    if (input.equals(PIXELS)) {
      return pixels(run);
    }
    if (input.equals(MASK)) {
      return stage.ones(input, withTiles(run, run.tileHeight(), run.tileWidth()));
    }
    PatchLayout layout = layout(run);
    long rows = run.tileHeight() / layout.patch();
    long cols = run.tileWidth() / layout.patch();
    return stage.longs(input, new long[] {1, rows, cols}, 1, 3);
  }

  private OnnxTensor pixels(TileRun run) {
    if (pixels.rank() > 2) {
      return session.floats(
          PIXELS, run.pixels(), withTiles(run, 3, run.tileHeight(), run.tileWidth()));
    }
    PatchLayout layout = layout(run);
    FloatBuffer patches = layout.patches(run.pixels(), run.tileWidth(), run.tileHeight());
    long size = 3L * layout.temporal() * layout.patch() * layout.patch();
    return session.floats(PIXELS, patches, patches.remaining() / size, size);
  }

  /** The tiles as the axis that the graph leaves open, before the given axes. */
  private long[] withTiles(TileRun run, long... axes) {
    boolean pictures = pixels.rank() == 5;
    boolean oneTileEach = pictures && pixels.fixed(1).orElse(0) == 1;
    long[] shape = new long[axes.length + (pictures ? 2 : 1)];
    shape[0] = oneTileEach || !pictures ? run.tiles() : 1;
    if (pictures) {
      shape[1] = oneTileEach ? 1 : run.tiles();
    }
    System.arraycopy(axes, 0, shape, shape.length - axes.length, axes.length);
    return shape;
  }

  private PatchLayout layout(TileRun run) {
    PatchLayout layout = run.spans().get(0).picture().patchLayout();
    if (layout == null) {
      throw new IllegalArgumentException(
          "%s takes patches, but preprocessor_config.json has no patch_size and merge_size"
              .formatted(session.name()));
    }
    return layout;
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
