package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.StageGraph;
import dev.squint.vision.onnx.graph.Tap;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A vision encoder that was cut into stages and tapped. A batch of a stage may hold any tiles with
 * the same number of hidden states.
 */
final class EncoderStages implements AutoCloseable {

  private static final String HIDDEN = "hidden_states";

  private final CutPlan plan;
  private final CutGraph cut;
  private final boolean takesTwo;
  private final List<OnnxSession> sessions = new ArrayList<>();
  private final Map<Dimensions, Integer> embedded = new ConcurrentHashMap<>();

  /**
   * Opens the stages.
   *
   * @param takesTwo whether the graph takes at least two tiles, so that one is given twice
   */
  EncoderStages(CutPlan plan, CutGraph cut, SessionSettings settings, boolean takesTwo) {
    this.plan = plan;
    this.takesTwo = takesTwo;
    this.cut = cut;
    try {
      for (int i = 0; i < cut.stages().size(); i++) {
        sessions.add(OnnxSession.open(cut.file(i), cut.weights(), settings));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  CutPlan plan() {
    return plan;
  }

  int count() {
    return sessions.size();
  }

  /** Number of layers of a stage before the projector. */
  private int layers(int stage) {
    List<Integer> cuts = plan.cutAfter();
    return stage == cuts.size() ? 0 : cuts.get(stage) - (stage == 0 ? -1 : cuts.get(stage - 1));
  }

  /** Whether the projector makes each visual token of one row of hidden states alone. */
  boolean projectsRowwise() {
    return cut.stages().get(count() - 1).rowwise();
  }

  /** Fills the inputs of the whole graph: pixels, masks, grids. */
  interface WholeInputs {
    OnnxTensor tensor(OnnxSession session, String input, TileRun tiles);
  }

  /**
   * Runs one stage on tiles of one size with the same number of hidden states. Stores in each tile
   * the stage's output (hidden states, or features after the last stage) and its taps.
   */
  void run(int stage, List<TileStates> given, WholeInputs whole) {
    if (stage > 0) {
      given.forEach(tile -> tile.ran(layers(stage)));
    }
    compute(stage, given, whole);
    if (stage == 0) {
      // It gives the rows that its layers ran on.
      given.forEach(tile -> tile.ran(layers(stage)));
    }
  }

  private void compute(int stage, List<TileStates> given, WholeInputs whole) {
    TileStates first = given.get(0);
    List<TileStates> tiles = takesTwo && given.size() == 1 ? List.of(first, first) : given;
    OnnxSession session = sessions.get(stage);
    StageGraph graph = cut.stages().get(stage);
    Set<String> wanted = new LinkedHashSet<>(List.of(graph.output()));
    graph.taps().forEach(tap -> wanted.add(tap.output()));
    Map<String, OnnxTensor> inputs = new HashMap<>();
    List<OnnxTensor> own = new ArrayList<>();
    try {
      TileRun run = new TileRun(tiles.stream().map(TileStates::span).toList());
      for (String input : session.inputs().keySet()) {
        OnnxTensor passed = input.equals(HIDDEN) ? passed(session, tiles) : null;
        OnnxTensor tensor = passed == null ? input(session, input, tiles, run, whole) : passed;
        if (passed == null) {
          own.add(tensor);
        }
        inputs.put(input, tensor);
      }
      advance(tiles, graph, session.run(inputs, wanted));
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  /** What the stage before gave for the same tiles, if this one takes it as it is. */
  private static @Nullable OnnxTensor passed(OnnxSession session, List<TileStates> tiles) {
    StageOutput output = tiles.get(0).output();
    OnnxTensor tensor = output == null ? null : output.ofBatch(tiles);
    TensorSpec taken = session.inputs().get(HIDDEN);
    return tensor != null && taken != null && tensor.getInfo().type == taken.type() ? tensor : null;
  }

  /** Stores what a stage gave. */
  private static void advance(List<TileStates> tiles, StageGraph graph, OrtSession.Result result) {
    OnnxTensor states = tensor(result, graph.output());
    boolean twice = tiles.size() > 1 && tiles.get(0) == tiles.get(1);
    if (graph.taps().isEmpty() && !twice) {
      StageOutput output = StageOutput.of(result, states, tiles);
      tiles.forEach(tile -> tile.advance(output));
      return;
    }
    // Taps can be larger than the states by far, so their memory is freed at once.
    try (result) {
      List<Values> hidden = split(states, tiles.size());
      for (Tap tap : graph.taps()) {
        List<Values> values = split(tensor(result, tap.output()), tiles.size());
        for (int t = 0; t < tiles.size(); t++) {
          tiles.get(t).put(tap, values.get(t));
        }
      }
      for (int t = 0; t < tiles.size(); t++) {
        tiles.get(t).advance(hidden.get(t));
      }
    }
  }

  private static OnnxTensor tensor(OrtSession.Result result, String output) {
    return (OnnxTensor) result.get(output).orElseThrow();
  }

  private OnnxTensor input(
      OnnxSession session, String input, List<TileStates> tiles, TileRun run, WholeInputs whole) {
    int rows = tiles.get(0).rows();
    return switch (input) {
      case HIDDEN ->
          session.floats(
              input,
              joined(tiles.stream().map(tile -> tile.hidden().values()).toList()),
              tiles.size(),
              rows,
              tiles.get(0).width());
      case GraphRewriter.KEY_BIAS ->
          session.floats(
              input,
              joined(tiles.stream().map(TileStates::keyBias).toList()),
              tiles.size(),
              1,
              1,
              rows);
      case GraphRewriter.TAP_ROWS -> session.longs(input, new long[] {0}, 1);
      case GraphRewriter.KEPT_ROWS ->
          rows(
              session,
              input,
              tiles.stream().map(TileStates::kept).toList(),
              embeddedRows(tiles.get(0), whole));
      case GraphRewriter.ROW_PLACES ->
          rows(session, input, tiles.stream().map(TileStates::places).toList(), rows);
      default -> whole.tensor(session, input, run);
    };
  }

  /**
   * Rows of the tiles of a batch as an input, [B, K]. Row {@code r} of tile {@code t} has the
   * number {@code t * rows + r}.
   *
   * @param chosen rows of each tile, the same number for each; -1 stands for the row of zeros,
   *     whose number is {@code B * rows}
   * @param rows number of rows of a tile
   */
  private static OnnxTensor rows(OnnxSession session, String input, List<int[]> chosen, int rows) {
    int each = chosen.get(0).length;
    long[] through = new long[chosen.size() * each];
    for (int t = 0; t < chosen.size(); t++) {
      for (int i = 0; i < each; i++) {
        int row = chosen.get(t)[i];
        through[t * each + i] = (long) rows * (row < 0 ? chosen.size() : t) + Math.max(row, 0);
      }
    }
    return session.longs(input, through, chosen.size(), each);
  }

  /** Number of rows that the embeddings of a tile of this size have, if none is left out. */
  int embeddedRows(TileStates tile, WholeInputs whole) {
    TiledImage picture = tile.span().picture();
    return embedded.computeIfAbsent(
        new Dimensions(picture.tileWidth(), picture.tileHeight()), size -> countRows(tile, whole));
  }

  private int countRows(TileStates tile, WholeInputs whole) {
    OnnxSession session = sessions.get(0);
    List<TileRun.Span> tiles = Collections.nCopies(takesTwo ? 2 : 1, tile.span());
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (String input : session.inputs().keySet()) {
        inputs.put(
            input,
            input.equals(GraphRewriter.KEPT_ROWS)
                ? session.longs(input, new long[tiles.size()], tiles.size(), 1)
                : whole.tensor(session, input, new TileRun(tiles)));
      }
      Set<String> shape = Set.of(GraphRewriter.EMBEDDED_SHAPE);
      try (OrtSession.Result result = session.run(inputs, shape)) {
        OnnxTensor sizes = (OnnxTensor) result.get(GraphRewriter.EMBEDDED_SHAPE).orElseThrow();
        return (int) sizes.getLongBuffer().get(1);
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static FloatBuffer joined(List<float[]> parts) {
    FloatBuffer joined = DirectBuffers.floats(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(joined::put);
    return joined.flip();
  }

  /** Splits an output into the values of each tile. */
  private static List<Values> split(OnnxTensor tensor, int tiles) {
    long[] shape = StageOutput.shapeOfTile(tensor, tiles);
    float[] values = StageOutput.values(tensor);
    if (tiles == 1) {
      return List.of(new Values(values, shape));
    }
    int size = values.length / tiles;
    return IntStream.range(0, tiles)
        .mapToObj(t -> new Values(Arrays.copyOfRange(values, t * size, (t + 1) * size), shape))
        .toList();
  }

  @Override
  public void close() {
    sessions.forEach(OnnxSession::close);
  }
}
