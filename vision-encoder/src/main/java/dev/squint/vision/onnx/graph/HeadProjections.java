package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The products with weights before and after a decoder layer's attention: of the queries, and of
 * what the heads return.
 *
 * @param queries output of the product whose first columns are the queries, H d of them
 * @param output output of the product that reads the heads, H d columns
 * @param heads query heads of the layer, H
 * @param headSize values of a head, d
 */
public record HeadProjections(String queries, String output, int heads, int headSize) {

  /** Operators between a projection and the product of queries and keys, head by head. */
  private static final Set<String> PASSED =
      Set.of(
          "Reshape",
          "Transpose",
          "Unsqueeze",
          "Squeeze",
          "Identity",
          "Cast",
          "RotaryEmbedding",
          "Concat",
          "Sub",
          "Slice");

  private static final Set<String> NORMS =
      Set.of("SimplifiedLayerNormalization", "LayerNormalization", "RMSNormalization");

  private static final Set<String> ARRANGED = Set.of("Reshape", "Transpose", "Identity", "Cast");

  /**
   * Finds those of each layer.
   *
   * @throws IllegalArgumentException if the file is no decoder, or a layer's projections are no
   *     products with constant matrices; the message names the node
   */
  public static List<HeadProjections> of(Path decoder) {
    OnnxModel model = OnnxModel.read(decoder);
    try {
      GraphIndex index = new GraphIndex(model.graph());
      List<HeadProjections> found = new ArrayList<>();
      for (AttentionSite site : Layers.find(index, GraphKind.DECODER).sites()) {
        found.add(of(index, site, found.size()));
      }
      return List.copyOf(found);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(model.name() + ": " + e.getMessage(), e);
    }
  }

  private static HeadProjections of(GraphIndex index, AttentionSite site, int layer) {
    int size =
        (int)
            index
                .size("past_key_values.%d.key".formatted(layer), -1)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "it does not say the size of the heads of layer " + layer));
    NodeProto output = output(index, site);
    NodeProto queries = queries(index, site, size);
    long width = columns(index, output, 0);
    if (width % size != 0 || columns(index, queries, 1) < width) {
      throw new IllegalArgumentException(
          "it has heads of %d values in layer %d, but %s reads %d values and %s gives %d"
              .formatted(
                  size,
                  layer,
                  Nodes.describe(output),
                  width,
                  Nodes.describe(queries),
                  columns(index, queries, 1)));
    }
    if (columns(index, queries, 1) > width && !startsWithQueries(index, site, queries)) {
      throw refused(index, site, Nodes.describe(queries) + ", which mixes queries with others,");
    }
    return new HeadProjections(
        queries.getOutput(0), output.getOutput(0), (int) (width / size), size);
  }

  /**
   * Whether a product that gives more than queries gives them first: the operator takes them packed
   * like this, or they are the first part of a Split.
   */
  private static boolean startsWithQueries(
      GraphIndex index, AttentionSite site, NodeProto projection) {
    String tensor = projection.getOutput(0);
    List<Integer> readers = index.consumers(tensor);
    if (readers.size() == 1 && Nodes.is(index.node(readers.get(0)), "Add")) {
      tensor = index.node(readers.get(0)).getOutput(0);
      readers = index.consumers(tensor);
    }
    return site.multiplied().equals(List.of(tensor))
        || (readers.size() == 1 && Nodes.is(index.node(readers.get(0)), "Split"));
  }

  private static long columns(GraphIndex index, NodeProto product, int dimension) {
    return index.size(product.getInput(1), dimension).orElse(0);
  }

  /** Goes back from the product of queries and keys; a factor may differ within a head alone. */
  private static NodeProto queries(GraphIndex index, AttentionSite site, int headSize) {
    String tensor = site.multiplied().get(0);
    while (true) {
      NodeProto maker = index.maker(tensor);
      if (maker != null && isProjection(index, maker)) {
        return maker;
      }
      boolean norm =
          maker != null
              && NORMS.contains(maker.getOpType())
              && index.size(Nodes.input(maker, 1), 0).orElse(0) == headSize;
      boolean first =
          maker != null && Nodes.is(maker, "Split") && maker.getOutput(0).equals(tensor);
      boolean sum = maker != null && (Nodes.is(maker, "Add") || Nodes.is(maker, "Mul"));
      if (maker == null || !(norm || first || sum || PASSED.contains(maker.getOpType()))) {
        throw refused(index, site, maker == null ? "'" + tensor + "'" : Nodes.describe(maker));
      }
      boolean second = sum && index.isConstant(maker.getInput(0));
      long factors = Nodes.is(maker, "Mul") ? factors(index, maker) : 1;
      if (factors > 1 && factors != headSize) {
        throw refused(index, site, Nodes.describe(maker));
      }
      // RoPE in single operators is x cos + rotated(x) sin, with x on the left.
      tensor = maker.getInput(second ? 1 : 0);
    }
  }

  /** Number of factors in a constant of a product; 0 if neither input is one of known size. */
  private static long factors(GraphIndex index, NodeProto product) {
    return product.getInputList().stream()
        .filter(input -> index.initializer(input) != null)
        .mapToLong(input -> index.size(input, -1).orElse(1))
        .max()
        .orElse(0);
  }

  /** Continues from the heads. */
  private static NodeProto output(GraphIndex index, AttentionSite site) {
    String tensor = site.output();
    while (true) {
      List<Integer> readers =
          index.consumers(tensor).stream()
              .filter(number -> !Nodes.is(index.node(number), "Shape"))
              .toList();
      NodeProto reader = readers.size() == 1 ? index.node(readers.get(0)) : null;
      if (reader != null && isProjection(index, reader) && reader.getInput(0).equals(tensor)) {
        return reader;
      }
      if (reader == null || !ARRANGED.contains(reader.getOpType())) {
        throw refused(
            index,
            site,
            reader == null
                ? "%d readers of '%s'".formatted(readers.size(), tensor)
                : Nodes.describe(reader));
      }
      tensor = reader.getOutput(0);
    }
  }

  private static boolean isProjection(GraphIndex index, NodeProto node) {
    return Nodes.is(node, "MatMul") && index.initializer(node.getInput(1)) != null;
  }

  private static IllegalArgumentException refused(
      GraphIndex index, AttentionSite site, String found) {
    return new IllegalArgumentException(
        "it has %s between %s and its projections; heads are sliced where these are MatMul with a matrix of 32-bit floats and what is between works head by head: slice the fp32 form, then write others with 'squint quantize'"
            .formatted(found, Nodes.describe(index.node(site.node()))));
  }
}
