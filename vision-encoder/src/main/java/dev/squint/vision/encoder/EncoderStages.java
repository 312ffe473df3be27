package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
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
    TileStates first = given.get(0);
    List<TileStates> tiles = takesTwo && given.size() == 1 ? List.of(first, first) : given;
    OnnxSession session = sessions.get(stage);
    StageGraph graph = cut.stages().get(stage);
    Set<String> wanted = new LinkedHashSet<>(List.of(graph.output()));
    graph.taps().forEach(tap -> wanted.add(tap.output()));
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      TileRun run = new TileRun(tiles.stream().map(TileStates::span).toList());
      for (String input : session.inputs().keySet()) {
        inputs.put(input, input(session, input, tiles, run, whole));
      }
      try (OrtSession.Result result = session.run(inputs, wanted)) {
        List<Values> hidden = split(session, result, graph.output(), tiles.size());
        for (Tap tap : graph.taps()) {
          List<Values> values = split(session, result, tap.output(), tiles.size());
          for (int t = 0; t < tiles.size(); t++) {
            tiles.get(t).put(tap, values.get(t));
          }
        }
        for (int t = 0; t < tiles.size(); t++) {
          tiles.get(t).advance(hidden.get(t));
        }
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
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
              tiles.get(0).hidden().size(1));
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

  /**
   * Splits an output into the values of each tile. Features have the shape [B * tokens, D] or [B,
   * tokens, D].
   */
  private static List<Values> split(
      OnnxSession session, OrtSession.Result result, String output, int tiles) {
    OnnxTensor tensor = (OnnxTensor) result.get(output).orElseThrow();
    long[] shape = tensor.getInfo().getShape();
    long[] own = Arrays.copyOfRange(shape, 1, shape.length);
    if (shape.length == 2 && shape[0] % tiles == 0) {
      own = new long[] {shape[0] / tiles, shape[1]};
    } else if (shape[0] != tiles) {
      throw new IllegalStateException(
          "%s gave %s %s for %d tiles"
              .formatted(session.name(), output, Arrays.toString(shape), tiles));
    }
    FloatBuffer buffer = tensor.getFloatBuffer();
    List<Values> parts = new ArrayList<>();
    for (int t = 0; t < tiles; t++) {
      float[] values = new float[buffer.capacity() / tiles];
      buffer.get(values);
      parts.add(new Values(values, own));
    }
    return parts;
  }

  @Override
  public void close() {
    sessions.forEach(OnnxSession::close);
  }
}
