package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An encoder that takes one picture, its global view and its crops, and gives what stands for it in
 * the prompt, as one that takes tiles and gives the features of each.
 *
 * <p>The graph takes {@code pixel_values}, [1, 1 + rows * cols, 3, H, W], and {@code image_sizes},
 * [1, 2], the pixels of all crops together. It gives {@code image_features}, [N, D]: the rows of
 * all crops, a vector after each row, a separator, the rows of the global view, a vector after
 * each. The features of a tile do not depend on its place, so tiles of any pictures are given as
 * one global view and crops side by side. A single tile is given twice.
 */
final class TiledGraph {

  /** What ends a row of visual tokens, [1, D]. */
  static final String NEWLINE = "image_newline";

  /** What stands between the crops and the global view, [1, D]. */
  static final String SEPARATOR = "image_separator";

  /** The outputs that do not depend on the pixels. */
  static final Set<String> VECTORS = Set.of(NEWLINE, SEPARATOR);

  private static final String SIZES = "image_sizes";
  private static final String PIXELS = GraphKind.VISION_ENCODER.source();
  private static final String FEATURES = GraphKind.VISION_ENCODER.result();
  private static final String PREFIX = "picture/";

  private final GraphIndex index;
  private final int edge;
  private final int side;

  private TiledGraph(GraphIndex index, int edge, int side) {
    this.index = index;
    this.edge = edge;
    this.side = side;
  }

  /**
   * Makes the graph.
   *
   * @param edge side of a tile in pixels
   * @param side visual tokens in a row of a tile
   * @throws IllegalArgumentException if the graph takes or gives something else
   */
  static GraphProto of(GraphProto graph, int edge, int side) {
    TiledGraph tiled = new TiledGraph(new GraphIndex(graph), edge, side);
    tiled.check();
    return tiled.made();
  }

  private void check() {
    Map<String, ValueInfoProto> inputs = index.inputs();
    if (!inputs.keySet().equals(Set.of(PIXELS, SIZES))
        || !index.outputs().containsKey(FEATURES)
        || rank(PIXELS) != 5
        || index.elementType(SIZES) != GraphEditor.INT64) {
      throw new IllegalArgumentException(
          "the graph takes %s and gives %s; Squint needs one from pixel_values [pictures, tiles, 3, H, W] and image_sizes of whole numbers to image_features"
              .formatted(inputs.keySet(), index.outputs().keySet()));
    }
    OptionalLong tiles = index.size(PIXELS, 1);
    if (tiles.isPresent() || index.size(PIXELS, 0).orElse(1) != 1) {
      throw new IllegalArgumentException(
          "the graph takes %s pictures of %s tiles; export it with open numbers"
              .formatted(number(index.size(PIXELS, 0)), number(tiles)));
    }
  }

  private static String number(OptionalLong size) {
    return size.isPresent() ? String.valueOf(size.getAsLong()) : "any number of";
  }

  private int rank(String tensor) {
    ValueInfoProto info = index.inputs().get(tensor);
    return info == null ? 0 : info.getType().getTensorType().getShape().getDimCount();
  }

  private GraphProto made() {
    Map<String, String> names =
        Map.of(PIXELS, PREFIX + PIXELS, SIZES, PREFIX + SIZES, FEATURES, PREFIX + FEATURES);
    GraphProto.Builder inner = index.graph().toBuilder().clearNode().clearInput().clearOutput();
    inner.addInput(
        declared(
            Objects.requireNonNull(index.inputs().get(PIXELS)), PIXELS, "tiles", 3L, edge, edge));
    GraphEditor editor = new GraphEditor(inner.build(), PREFIX);
    Numbers numbers = new Numbers(editor);
    picture(editor, numbers);
    for (int number : index.order()) {
      editor.append(Nodes.renamed(index.node(number), names));
    }
    features(editor, numbers);
    return editor.build();
  }

  /** Numbers of tiles in the run. */
  private static final class Numbers {
    /** Tiles that are given, at least one; rank 1. */
    final String given;

    /** Tiles that the graph takes, at least two; rank 1. */
    final String taken;

    /** All but the first of these; rank 1. */
    final String crops;

    Numbers(GraphEditor editor) {
      String shape = editor.add("Shape", List.of(PIXELS));
      given = editor.add("Gather", List.of(shape, editor.longs(0)));
      taken = editor.add("Max", List.of(given, editor.longs(2)));
      crops = editor.add("Sub", List.of(taken, editor.longs(1)));
    }
  }

  private void picture(GraphEditor editor, Numbers numbers) {
    String all = range(editor, numbers.taken);
    String last = editor.add("Sub", List.of(numbers.given, editor.longs(1)));
    String chosen = editor.add("Min", List.of(all, last));
    String tiles = editor.add("Gather", List.of(PIXELS, chosen), Nodes.attribute("axis", 0));
    editor.add(
        "",
        "Reshape",
        List.of(tiles, editor.longs(1, -1, 3, edge, edge)),
        List.of(PREFIX + PIXELS));
    String width = editor.add("Mul", List.of(numbers.crops, editor.longs(edge)));
    String size = concat(editor, editor.longs(edge), width);
    editor.add("", "Reshape", List.of(size, editor.longs(1, 2)), List.of(PREFIX + SIZES));
  }

  private void features(GraphEditor editor, Numbers numbers) {
    // A row of all crops and its end.
    String ofCrops = editor.add("Mul", List.of(numbers.crops, editor.longs(side)));
    String row = editor.add("Add", List.of(ofCrops, editor.longs(1)));
    String separator = editor.add("Mul", List.of(row, editor.longs(side)));
    String global = editor.add("Add", List.of(separator, editor.longs(1)));
    String count = editor.add("Add", List.of(global, editor.longs(side * (side + 1L))));
    // Fails if the graph gives another number of vectors.
    String vectors =
        editor.add("Reshape", List.of(PREFIX + FEATURES, concat(editor, count, editor.longs(-1))));
    String ofGlobal = editor.add("Add", List.of(global, grid(editor, side + 1L, 1)));
    String starts =
        editor.add(
            "Mul",
            List.of(
                editor.add("Reshape", List.of(range(editor, numbers.crops), editor.longs(-1, 1))),
                editor.longs(side)));
    String rows = editor.add("Mul", List.of(grid(editor, 1, 0), row));
    String places =
        editor.add("Add", List.of(starts, editor.add("Add", List.of(rows, grid(editor, 0, 1)))));
    String ofTaken = concat(editor, ofGlobal, places);
    String ofGiven =
        editor.add("Slice", List.of(ofTaken, editor.longs(0), numbers.given, editor.longs(0)));
    ValueInfoProto features = Objects.requireNonNull(index.outputs().get(FEATURES));
    long size = index.size(FEATURES, -1).orElse(-1);
    output(
        editor,
        FEATURES,
        vectors,
        ofGiven,
        declared(features, FEATURES, "tiles", (long) side * side, size));
    output(editor, NEWLINE, vectors, ofCrops, declared(features, NEWLINE, 1L, size));
    output(editor, SEPARATOR, vectors, separator, declared(features, SEPARATOR, 1L, size));
  }

  private static void output(
      GraphEditor editor, String name, String vectors, String chosen, ValueInfoProto declared) {
    String gathered = editor.add("Gather", List.of(vectors, chosen), Nodes.attribute("axis", 0));
    editor.output(name, gathered, declared);
  }

  /** For each place of a tile a multiple of its row and of its column, [1, side * side]. */
  private String grid(GraphEditor editor, long ofRow, long ofCol) {
    long[] places = new long[side * side];
    for (int i = 0; i < places.length; i++) {
      places[i] = i / side * ofRow + i % side * ofCol;
    }
    return editor.add("Reshape", List.of(editor.longs(places), editor.longs(1, -1)));
  }

  /** The numbers from 0, as many as a tensor of rank 1 says. */
  private static String range(GraphEditor editor, String count) {
    String limit = editor.add("Squeeze", List.of(count));
    return editor.add("Range", List.of(editor.scalar(0L), limit, editor.scalar(1L)));
  }

  private static String concat(GraphEditor editor, String first, String second) {
    return editor.add("Concat", List.of(first, second), Nodes.attribute("axis", 0));
  }

  /** A tensor of the type of another; sizes are names, numbers, or -1 for any. */
  private static ValueInfoProto declared(ValueInfoProto like, String name, Object... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object size : sizes) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      if (size instanceof String symbol) {
        dimension.setDimParam(symbol);
      } else if (((Number) size).longValue() >= 0) {
        dimension.setDimValue(((Number) size).longValue());
      }
      shape.addDim(dimension);
    }
    ValueInfoProto.Builder made = like.toBuilder().setName(name);
    made.getTypeBuilder().getTensorTypeBuilder().setShape(shape);
    return made.build();
  }
}
