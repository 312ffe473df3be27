package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a graph into stages. A stage has all nodes that its outputs need, back to the hidden states
 * of the previous stage. Values that do not depend on hidden states, such as masks, are computed in
 * each stage.
 */
final class StageCutter {

  private static final Pattern PAST = Pattern.compile("past_key_values\\.(\\d+)\\.(key|value)");
  private static final Pattern PRESENT = Pattern.compile("present\\.(\\d+)\\..*");

  /** The input of what each layer takes for a token. With it, later layers read embeddings too. */
  private static final String LAYER_INPUTS = "per_layer_inputs";

  /** Operators whose output has the broadcast shape of their inputs. */
  static final Set<String> ELEMENTWISE =
      Set.of(
          "Cast",
          "Identity",
          "Mul",
          "Add",
          "Sub",
          "Div",
          "Gelu",
          "LayerNormalization",
          "SimplifiedLayerNormalization",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "RMSNormalization");

  private final GraphIndex index;
  private final ValueFlow flow;
  private final Layers layers;
  private final CutPlan plan;
  private final List<String> boundaries;
  private final Map<String, Integer> attending = new HashMap<>();
  private final Set<String> given = new HashSet<>();

  /**
   * Prepares to cut an edited graph.
   *
   * @param layers found before the edits; node numbers are the same
   * @param boundaries the hidden states at each cut
   */
  StageCutter(GraphIndex index, Layers layers, CutPlan plan, List<String> boundaries) {
    this.index = index;
    this.flow = new ValueFlow(index);
    this.layers = layers;
    this.plan = plan;
    this.boundaries = boundaries;
    for (int layer = 0; layer < layers.count(); layer++) {
      attending.put(index.node(layers.site(layer).node()).getOutput(0), layer);
    }
  }

  int stages() {
    return boundaries.size() + 1;
  }

  int firstLayer(int stage) {
    return stage == 0 ? 0 : plan.cutAfter().get(stage - 1) + 1;
  }

  int endLayer(int stage) {
    return stage + 1 == stages() ? layers.count() : plan.cutAfter().get(stage) + 1;
  }

  String hiddenInput(int stage) {
    return stage == 0 ? layers.kind().source() : layers.kind().stageInput();
  }

  String output(int stage) {
    return stage + 1 == stages() ? layers.kind().result() : layers.kind().stageOutput();
  }

  /** The taps that a stage outputs. */
  List<Tap> taps(int stage) {
    return plan.taps().stream()
        .filter(tap -> plan.stageOf(tap.layer()) - (tap.ahead() ? 1 : 0) == stage)
        .toList();
  }

  /** The outputs that no single stage can compute. Empty before all stages are cut. */
  Set<String> leftOut() {
    Set<String> left = new LinkedHashSet<>(index.outputs().keySet());
    left.removeAll(given);
    return left;
  }

  /**
   * The graph of a stage.
   *
   * @throws IllegalArgumentException if it needs more from earlier stages than hidden states
   */
  GraphProto cut(int stage) {
    @Nullable String from = stage == 0 ? null : boundaries.get(stage - 1);
    @Nullable String to = stage + 1 == stages() ? null : boundaries.get(stage);
    List<String> wanted = new ArrayList<>(List.of(to == null ? layers.kind().result() : to));
    taps(stage).forEach(tap -> wanted.add(tap.output()));
    for (String output : index.outputs().keySet()) {
      if (!wanted.contains(output) && belongs(output, stage)) {
        wanted.add(output);
      }
    }
    given.addAll(wanted);
    Slice slice = new Slice(stage, from);
    slice.add(wanted);
    return slice.graph(wanted, to);
  }

  /**
   * Whether an output is a KV cache of the stage's layers, or another output that the stage can
   * compute on its own.
   */
  private boolean belongs(String output, int stage) {
    // They are read once, from the graph that is not cut.
    if (TiledGraph.VECTORS.contains(output)) {
      return false;
    }
    Matcher present = PRESENT.matcher(output);
    if (present.matches()) {
      int layer = Integer.parseInt(present.group(1));
      return plan.stageOf(layer) == stage;
    }
    if (output.equals(layers.kind().result()) || output.startsWith("tap.")) {
      return false;
    }
    Set<String> needs = flow.into(output);
    return attending.entrySet().stream()
        .filter(site -> needs.contains(site.getKey()))
        .allMatch(site -> plan.stageOf(site.getValue()) == stage);
  }

  /** The part of the graph that one stage needs. */
  private final class Slice {

    private final int stage;
    private final @Nullable String from;
    private final Set<String> computedBefore = new HashSet<>();
    private final Set<String> needed = new HashSet<>();
    private final List<NodeProto> nodes = new ArrayList<>();
    private boolean readsHidden;

    Slice(int stage, @Nullable String from) {
      this.stage = stage;
      this.from = from;
      if (from != null) {
        computedBefore.addAll(flow.from(layers.kind().source()));
        computedBefore.removeAll(flow.from(from));
      }
    }

    void add(List<String> wanted) {
      needed.addAll(wanted);
      List<Integer> order = index.order();
      for (int i = order.size() - 1; i >= 0; i--) {
        NodeProto node = index.node(order.get(i));
        if (node.getOutputList().stream().anyMatch(this::isNeeded)) {
          include(order.get(i));
        }
      }
      Collections.reverse(nodes);
    }

    private boolean isNeeded(String output) {
      return needed.contains(output) && !output.equals(from);
    }

    private void include(int number) {
      NodeProto node = index.node(number);
      Integer layer = attending.get(node.getOutput(0));
      if (layer != null && plan.stageOf(layer) != stage) {
        throw new IllegalArgumentException(
            "layers %d to %d need %s of layer %d"
                .formatted(firstLayer(stage), endLayer(stage) - 1, Nodes.describe(node), layer));
      }
      if (from != null && Nodes.is(node, "Shape")) {
        node = shapeOfOwnCache(shapeOfHidden(node, from));
      }
      for (String read : Nodes.reads(node)) {
        needed.add(read);
        if (read.equals(from)) {
          readsHidden = true;
        }
        if (from != null
            && layers.kind() == GraphKind.DECODER
            && read.equals(layers.kind().source())
            && !index.inputs().containsKey(LAYER_INPUTS)) {
          throw new IllegalArgumentException(
              "%s behind layer %d reads '%s'"
                  .formatted(Nodes.describe(node), firstLayer(stage) - 1, read));
        }
      }
      nodes.add(node);
    }

    /**
     * Replaces the shape of earlier hidden states by the shape of the stage's own hidden states.
     */
    private NodeProto shapeOfHidden(NodeProto node, String hidden) {
      String of = node.getInput(0);
      if (!computedBefore.contains(of)) {
        return node;
      }
      if (isHidden(of)) {
        return node.toBuilder().setInput(0, hidden).build();
      }
      if (layers.kind() == GraphKind.DECODER) {
        throw new IllegalArgumentException(
            "%s behind layer %d reads the shape of '%s', which is made before and is no hidden state"
                .formatted(Nodes.describe(node), firstLayer(stage) - 1, of));
      }
      return node;
    }

    /** Replaces the shape of another stage's cache, which may have other rows, by the own one's. */
    private NodeProto shapeOfOwnCache(NodeProto node) {
      Matcher past = PAST.matcher(node.getInput(0));
      if (!past.matches() || plan.stageOf(Integer.parseInt(past.group(1))) == stage) {
        return node;
      }
      String own = "past_key_values.%d.%s".formatted(firstLayer(stage), past.group(2));
      return index.inputs().containsKey(own) ? node.toBuilder().setInput(0, own).build() : node;
    }

    /** Whether a tensor has the shape of the hidden states. */
    private boolean isHidden(String tensor) {
      if (layers.residuals().contains(tensor)
          || boundaries.contains(tensor)
          || (layers.kind() == GraphKind.DECODER && tensor.equals(layers.kind().source()))) {
        return true;
      }
      NodeProto maker = index.maker(tensor);
      return maker != null
          && ELEMENTWISE.contains(maker.getOpType())
          && maker.getInputList().stream()
              .anyMatch(input -> computedBefore.contains(input) && isHidden(input));
    }

    GraphProto graph(List<String> wanted, @Nullable String to) {
      GraphProto.Builder graph =
          GraphProto.newBuilder().setName(index.graph().getName() + " stage " + stage);
      Map<String, String> names = new HashMap<>();
      if (from != null) {
        if (!readsHidden) {
          throw new IllegalArgumentException(
              "the layers behind layer %d do not read '%s'".formatted(firstLayer(stage) - 1, from));
        }
        if (layers.kind() == GraphKind.DECODER) {
          names.put(layers.kind().source(), GraphRewriter.TOKEN_EMBEDDINGS);
        }
        names.put(from, hiddenInput(stage));
        graph.addInput(hidden(from, hiddenInput(stage)));
      }
      if (to != null) {
        names.put(to, output(stage));
      }
      nodes.forEach(node -> graph.addNode(Nodes.renamed(node, names)));
      for (ValueInfoProto input : index.inputs().values()) {
        if (needed.contains(input.getName())) {
          String name = names.getOrDefault(input.getName(), input.getName());
          graph.addInput(input.toBuilder().setName(name));
        }
      }
      for (TensorProto tensor : index.graph().getInitializerList()) {
        if (needed.contains(tensor.getName())) {
          graph.addInitializer(tensor);
        }
      }
      for (String output : wanted) {
        ValueInfoProto declared = index.outputs().get(output);
        graph.addOutput(
            declared != null ? declared : hidden(output, names.getOrDefault(output, output)));
      }
      return graph.build();
    }

    private ValueInfoProto hidden(String tensor, String name) {
      List<String> symbols = List.of("batch_size", "sequence_length", "hidden_size");
      ValueInfoProto.Builder info =
          GraphEditor.tensor(name, index.elementType(tensor), symbols).toBuilder();
      OptionalLong size = hiddenSize(tensor);
      if (size.isPresent()) {
        info.getTypeBuilder()
            .getTensorTypeBuilder()
            .getShapeBuilder()
            .setDim(2, TensorShapeProto.Dimension.newBuilder().setDimValue(size.getAsLong()));
      }
      return info.build();
    }
  }

  /**
   * D, from the graph's declaration of this tensor or of the embeddings, or from the weight of a
   * norm.
   */
  private OptionalLong hiddenSize(String tensor) {
    OptionalLong said = index.size(tensor, 2);
    if (said.isEmpty() && layers.kind() == GraphKind.DECODER) {
      said = index.size(layers.kind().source(), 2);
    }
    for (int reader : index.consumers(tensor)) {
      if (said.isEmpty() && index.node(reader).getOpType().endsWith("LayerNormalization")) {
        String weight =
            Nodes.input(index.node(reader), Nodes.isSkipNorm(index.node(reader)) ? 2 : 1);
        said = index.size(weight, 0);
      }
    }
    return said;
  }
}
