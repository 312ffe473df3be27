package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.PatchSheet;
import dev.squint.vision.tile.PlacedPatches;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Fills the inputs of an encoder's graph with tiles.
 *
 * @param session the whole graph
 * @param pixels its pixel input
 */
record EncoderInputs(OnnxSession session, TensorSpec pixels) {

  private static final String PIXELS = "pixel_values";
  private static final String MASK = "pixel_attention_mask";
  private static final String SHAPES = "spatial_shapes";

  private static final String PLACES = "pixel_position_ids";

  /**
   * Dimensions of the pixels of sheets and of patches with their places: tiles, patches, values.
   */
  private static final int SHEETS = 3;

  private static final Set<String> GRIDS = Set.of("image_grid_thw", "grid_thw");

  /**
   * Reads the inputs that a graph declares.
   *
   * @throws IllegalArgumentException if the graph has an input that Squint cannot fill
   */
  static EncoderInputs of(OnnxSession session) {
    Set<String> known = new LinkedHashSet<>(GRIDS);
    known.add(PIXELS);
    known.add(MASK);
    if (session.inputs().containsKey(GraphRewriter.PATCH_ROWS)) {
      known.add(GraphRewriter.PATCH_ROWS);
    }
    TensorSpec pixels = session.inputs().get(PIXELS);
    if (pixels != null && pixels.rank() == SHEETS) {
      known.add(SHAPES);
      known.add(PLACES);
    }
    session.requireInputsAmong(known);
    boolean apart = session.inputs().keySet().stream().anyMatch(Set.of(SHAPES, PLACES)::contains);
    Set<Integer> ranks = apart ? Set.of(SHEETS) : Set.of(2, 4, 5);
    if (pixels == null || !ranks.contains(pixels.rank())) {
      throw new IllegalArgumentException(
          "%s needs an input pixel_values of 2, 4 or 5 dimensions, or of 3 beside spatial_shapes or pixel_position_ids, but has %s"
              .formatted(session.name(), session.inputs().values()));
    }
    return new EncoderInputs(session, pixels);
  }

  /** Whether the graph takes patches instead of tiles. The graph may reorder patches. */
  boolean arePatches() {
    return pixels.rank() == 2 || takesSheets();
  }

  /**
   * Whether the graph takes the patches of tiles of several sizes, and the shape of each tile or
   * the place of each patch.
   */
  boolean takesSheets() {
    return pixels.rank() == SHEETS;
  }

  private boolean takesPlaces() {
    return session.inputs().containsKey(PLACES);
  }

  /** Maximum number of tiles in a run; some graphs were exported for one tile at a time. */
  int maxTiles() {
    return switch (pixels.rank()) {
      case 2, SHEETS -> 1;
      case 4 -> (int) pixels.fixed(0).orElse(Integer.MAX_VALUE);
      default ->
          (int)
              Math.max(
                  pixels.fixed(0).orElse(Integer.MAX_VALUE),
                  pixels.fixed(1).orElse(Integer.MAX_VALUE));
    };
  }

  /** Adds a value for each input of the whole graph; the caller closes them. */
  void fill(Map<String, OnnxTensor> inputs, TileRun run) {
    for (String input : session.inputs().keySet()) {
      inputs.put(input, tensor(session, input, run));
    }
  }

  /** Makes the value of an input of the whole graph, or of a stage with the same input. */
  OnnxTensor tensor(OnnxSession stage, String input, TileRun run) {
    if (input.equals(PIXELS)) {
      return pixels(run);
    }
    if (input.equals(PLACES)) {
      long[] places = placed(run).places();
      return stage.longs(input, places, 1, places.length / 2, 2);
    }
    if (takesSheets()) {
      return ofSheet(stage, input, run.spans().get(0));
    }
    if (input.equals(MASK)) {
      return stage.ones(input, withTiles(run, run.tileHeight(), run.tileWidth()));
    }
    PatchLayout layout = layout(run);
    if (input.equals(GraphRewriter.PATCH_ROWS)) {
      long[] numbers = numbers(run, layout);
      return stage.longs(input, numbers, numbers.length);
    }
    long rows = run.tileHeight() / layout.patch();
    long cols = run.tileWidth() / layout.patch();
    return stage.longs(input, new long[] {1, rows, cols}, 1, 3);
  }

  private OnnxTensor ofSheet(OnnxSession stage, String input, TileRun.Span span) {
    TokenGrid grid = PatchSheet.grid(span.picture(), span.from());
    if (input.equals(SHAPES)) {
      return stage.longs(input, new long[] {grid.rows(), grid.cols()}, 1, 2);
    }
    int real = grid.rows() * grid.cols();
    long[] mask = new long[onSheet(real)];
    Arrays.fill(mask, 0, real, 1);
    return stage.longs(input, mask, 1, mask.length);
  }

  /** Number of patches that the graph takes: all of some number, or the real ones. */
  private int onSheet(int real) {
    return (int) pixels.fixed(1).orElse(real);
  }

  private OnnxTensor sheet(TileRun.Span span) {
    FloatBuffer real = PatchSheet.patches(span.picture(), span.from());
    TokenGrid grid = PatchSheet.grid(span.picture(), span.from());
    int count = grid.rows() * grid.cols();
    int size = real.remaining() / count;
    FloatBuffer all = DirectBuffers.floats((long) onSheet(count) * size);
    all.put(real).rewind();
    return session.floats(PIXELS, all, 1, onSheet(count), size);
  }

  /** The patches of the run's only tile. Their size follows from the number of their values. */
  private PlacedPatches placed(TileRun run) {
    double size = pixels.fixed(2).orElseThrow();
    int patch = (int) Math.round(Math.sqrt(size / 3));
    if (3.0 * patch * patch != size || run.tileWidth() % patch + run.tileHeight() % patch > 0) {
      throw new IllegalArgumentException(
          "%s takes %s, which are no patches of a tile of %d x %d pixels"
              .formatted(session.name(), pixels, run.tileWidth(), run.tileHeight()));
    }
    int rows = run.tileHeight() / patch;
    int cols = run.tileWidth() / patch;
    return new PlacedPatches(patch, rows, cols, onSheet(rows * cols));
  }

  private OnnxTensor pixels(TileRun run) {
    if (takesPlaces()) {
      PlacedPatches placed = placed(run);
      FloatBuffer values = placed.values(run.pixels());
      return session.floats(PIXELS, values, 1, placed.count(), values.remaining() / placed.count());
    }
    if (takesSheets()) {
      return sheet(run.spans().get(0));
    }
    if (!arePatches()) {
      return session.floats(
          PIXELS, run.pixels(), withTiles(run, 3, run.tileHeight(), run.tileWidth()));
    }
    PatchLayout layout = layout(run);
    FloatBuffer patches = layout.patches(run.pixels(), run.tileWidth(), run.tileHeight());
    int size = 3 * layout.temporal() * layout.patch() * layout.patch();
    if (kept(run).isPresent()) {
      patches = chosen(patches, numbers(run, layout), size);
    }
    return session.floats(PIXELS, patches, patches.remaining() / size, size);
  }

  /** The groups of the run's only tile that are encoded, if not all are. */
  private static Optional<KeptGroups> kept(TileRun run) {
    TileRun.Span span = run.spans().get(0);
    return span.picture().isPartial()
        ? Optional.of(span.picture().kept().get(span.from()))
        : Optional.empty();
  }

  /** The numbers of the patches that are encoded. The patches of a group follow each other. */
  private static long[] numbers(TileRun run, PatchLayout layout) {
    int ofGroup = layout.merge() * layout.merge();
    int groups = run.tileHeight() / layout.tokenEdge() * (run.tileWidth() / layout.tokenEdge());
    return kept(run)
        .map(kept -> kept.groups().stream())
        .orElseGet(() -> IntStream.range(0, groups).boxed())
        .flatMapToLong(group -> LongStream.range((long) group * ofGroup, (group + 1L) * ofGroup))
        .toArray();
  }

  private static FloatBuffer chosen(FloatBuffer patches, long[] numbers, int size) {
    FloatBuffer chosen = DirectBuffers.floats((long) numbers.length * size);
    for (long number : numbers) {
      chosen.put(patches.slice((int) number * size, size));
    }
    return chosen.flip();
  }

  /** Puts the tile axis, which the graph leaves open, before the given axes. */
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
          "%s takes patches, but preprocessor_config.json has no patch_size and merge_size; add both"
              .formatted(session.name()));
    }
    return layout;
  }
}
