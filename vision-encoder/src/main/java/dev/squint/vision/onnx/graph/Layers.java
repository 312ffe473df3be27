package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a graph: the attention of each and the residual sum after it.
 *
 * @param kind decoder or vision encoder
 * @param sites the attention of each layer, in order
 * @param residuals the hidden states after each layer; null if no single tensor holds them
 * @param attended the residual sums between each layer's attention and its MLP; null if no single
 *     tensor holds them
 */
record Layers(
    GraphKind kind,
    List<AttentionSite> sites,
    List<@Nullable String> residuals,
    List<@Nullable String> attended) {

  private static final Pattern PRESENT_KEY = Pattern.compile("present\\.(\\d+)\\.key");
  private static final Pattern RECURRENT = Pattern.compile("present_(conv|ssm|recurrent)\\.(\\d+)");

  /**
   * Finds the layers of a graph.
   *
   * @throws IllegalArgumentException if the graph is not of this kind, or the attention of a layer
   *     follows no known pattern; the message names the node
   */
  static Layers find(GraphIndex index, GraphKind kind) {
    if (!index.inputs().containsKey(kind.source()) || !index.outputs().containsKey(kind.result())) {
      throw new IllegalArgumentException(
          "it has the inputs %s and outputs %s; it needs an input '%s' and an output '%s'"
              .formatted(
                  index.inputs().keySet(), index.outputs().keySet(), kind.source(), kind.result()));
    }
    ValueFlow flow = new ValueFlow(index);
    List<AttentionSite> sites =
        kind == GraphKind.DECODER ? cachedAttention(index) : attentionOnTheWay(index, flow, kind);
    if (sites.isEmpty()) {
      throw new IllegalArgumentException("it has no layer whose attention follows a known pattern");
    }
    List<List<String>> sums = sums(index, flow, kind, sites);
    return new Layers(kind, sites, residuals(sums, 1), residuals(sums, 2));
  }

  private static List<AttentionSite> cachedAttention(GraphIndex index) {
    Map<Integer, AttentionSite> sites = new TreeMap<>();
    for (String output : index.outputs().keySet()) {
      Matcher recurrent = RECURRENT.matcher(output);
      if (recurrent.matches()) {
        throw new IllegalArgumentException(
            "layer %s keeps a state ('%s') that depends on every token, so tokens cannot be"
                    .formatted(recurrent.group(2), output)
                + " dropped between layers; pruning before the decoder works");
      }
      Matcher matcher = PRESENT_KEY.matcher(output);
      if (matcher.matches()) {
        sites.put(Integer.parseInt(matcher.group(1)), cached(index, output));
      }
    }
    int expected = 0;
    for (int layer : sites.keySet()) {
      if (layer != expected++) {
        throw new IllegalArgumentException(
            "it has the output present.%d.key but not present.%d.key"
                .formatted(layer, expected - 1));
      }
    }
    return List.copyOf(sites.values());
  }

  private static AttentionSite cached(GraphIndex index, String presentKey) {
    int maker = index.producer(presentKey);
    // Layers that read the keys of an earlier one may move them to their own device or type first.
    while (Nodes.is(index.node(maker), "Cast")) {
      maker = index.producer(index.node(maker).getInput(0));
    }
    NodeProto node = index.node(maker);
    if (Nodes.isMicrosoft(node, "GroupQueryAttention")) {
      return new GroupQuerySite(index, maker);
    }
    if (Nodes.isMicrosoft(node, "MultiHeadAttention")) {
      return new MultiHeadSite(index, maker);
    }
    if (Nodes.is(node, "Concat") && node.getInputCount() == 2) {
      SpelledOutSite site = SpelledOutSite.reading(index, node.getOutput(0), node.getInput(1));
      if (site != null) {
        return site;
      }
      throw new IllegalArgumentException(
          "'%s' of %s does not lead to a MatMul with queries followed by a Softmax"
              .formatted(presentKey, Nodes.describe(node)));
    }
    throw new IllegalArgumentException(
        "'%s' comes out of %s; known are GroupQueryAttention, MultiHeadAttention and a Concat of"
                .formatted(presentKey, Nodes.describe(node))
            + " past and new keys");
  }

  private static List<AttentionSite> attentionOnTheWay(
      GraphIndex index, ValueFlow flow, GraphKind kind) {
    Set<String> way = new HashSet<>(flow.from(kind.source()));
    way.retainAll(flow.into(kind.result()));
    Map<String, Integer> places = new HashMap<>();
    flow.tensors().forEach(tensor -> places.put(tensor, places.size()));
    List<AttentionSite> sites = new ArrayList<>();
    for (int number : index.order()) {
      AttentionSite site = site(index, number);
      if (site != null && way.contains(site.output())) {
        sites.add(site);
      }
    }
    sites.sort(Comparator.comparing(site -> places.getOrDefault(site.output(), 0)));
    for (int i = 1; i < sites.size(); i++) {
      if (!flow.from(sites.get(i - 1).output()).contains(sites.get(i).output())) {
        throw new IllegalArgumentException(
            "%s does not depend on %s, so they are not layers of one encoder"
                .formatted(
                    Nodes.describe(index.node(sites.get(i).node())),
                    Nodes.describe(index.node(sites.get(i - 1).node()))));
      }
    }
    return sites;
  }

  private static @Nullable AttentionSite site(GraphIndex index, int number) {
    NodeProto node = index.node(number);
    if (Nodes.isMicrosoft(node, "MultiHeadAttention")) {
      return new MultiHeadSite(index, number);
    }
    return Nodes.is(node, "Softmax") ? SpelledOutSite.of(index, number, null) : null;
  }

  /**
   * Between the attention of two layers there is a chain of tensors through which every value
   * flows. The residual sums among them follow the attention and the MLP.
   */
  private static List<List<String>> sums(
      GraphIndex index, ValueFlow flow, GraphKind kind, List<AttentionSite> sites) {
    List<String> sums =
        flow.separators(sites.get(0).output(), kind.result()).stream()
            .filter(tensor -> isResidualSum(index, tensor))
            .toList();
    List<List<String>> perLayer = new ArrayList<>();
    for (int layer = 0; layer < sites.size(); layer++) {
      Set<String> between = new HashSet<>(flow.from(sites.get(layer).output()));
      if (layer + 1 < sites.size()) {
        between.retainAll(flow.into(sites.get(layer + 1).output()));
      }
      perLayer.add(sums.stream().filter(between::contains).toList());
    }
    return perLayer;
  }

  /**
   * Selects one of each layer's sums, counted from the end. The last sum is the input of the next
   * layer.
   */
  private static List<@Nullable String> residuals(List<List<String>> perLayer, int fromEnd) {
    int usual = mostFrequent(perLayer.stream().map(List::size).toList());
    List<@Nullable String> residuals = new ArrayList<>();
    for (List<String> of : perLayer) {
      // After the last layer, residual sums of a projector may follow.
      boolean last = residuals.size() + 1 == perLayer.size();
      int at = (last ? usual : of.size()) - fromEnd;
      residuals.add(at < 0 || of.size() < usual ? null : of.get(at));
    }
    return residuals;
  }

  /** Of equally frequent counts, the smallest: some layers have one sum more, none has one less. */
  private static int mostFrequent(List<Integer> counts) {
    return counts.stream()
        .max(
            Comparator.comparing((Integer count) -> Collections.frequency(counts, count))
                .thenComparing(Comparator.reverseOrder()))
        .orElse(0);
  }

  private static boolean isResidualSum(GraphIndex index, String tensor) {
    NodeProto maker = index.maker(tensor);
    if (maker == null) {
      return true; // The sum inside a skip normalization that does not output it.
    }
    if (Nodes.isSkipNorm(maker)) {
      return tensor.equals(Nodes.output(maker, 3));
    }
    return Nodes.is(maker, "Add")
        && !index.isConstant(maker.getInput(0))
        && !index.isConstant(maker.getInput(1));
  }

  int count() {
    return sites.size();
  }

  /** The properties of each layer. */
  List<LayerInfo> info() {
    List<LayerInfo> info = new ArrayList<>();
    for (int layer = 0; layer < sites.size(); layer++) {
      boolean cuttable = layer + 1 < sites.size() && residuals.get(layer) != null;
      info.add(sites.get(layer).info(layer, cuttable));
    }
    return info;
  }

  /**
   * The hidden states after a layer; before the first one for {@link CutPlan#EMBEDDINGS}.
   *
   * @throws IllegalArgumentException if there is no such layer or no such tensor
   */
  String residual(GraphIndex index, int layer) {
    if (layer == CutPlan.EMBEDDINGS) {
      return embeddings(index);
    }
    String residual = residuals.get(checked(layer));
    if (residual == null) {
      throw new IllegalArgumentException(
          "behind layer %d (%s) no single sum (Add, SkipLayerNormalization) holds all that is read of the layers so far, as where the hidden states of several layers are read"
              .formatted(layer, Nodes.describe(index.node(sites.get(layer).node()))));
    }
    return residual;
  }

  /** The term of the first residual sum that does not come from the first layer's attention. */
  private String embeddings(GraphIndex index) {
    String sum = attended(0);
    NodeProto maker = Residuals.maker(index, sum);
    Set<String> attention = new ValueFlow(index).from(site(0).output());
    List<String> others =
        maker == null
            ? List.of()
            : maker.getInputList().stream()
                .limit(2)
                .filter(input -> !attention.contains(input))
                .toList();
    if (others.size() != 1) {
      throw new IllegalArgumentException(
          "it adds something else than the embeddings to the attention of its first layer, at '%s'"
              .formatted(sum));
    }
    return others.get(0);
  }

  /**
   * The hidden states between a layer's attention and its MLP.
   *
   * @throws IllegalArgumentException if there is no such layer or no such tensor
   */
  String attended(int layer) {
    String sum = attended.get(checked(layer));
    if (sum == null) {
      throw new IllegalArgumentException(
          "layer %d has no residual sum between its attention and its MLP".formatted(layer));
    }
    return sum;
  }

  /** The layer's attention. */
  AttentionSite site(int layer) {
    return sites.get(checked(layer));
  }

  private int checked(int layer) {
    if (layer < 0 || layer >= sites.size()) {
      throw new IllegalArgumentException(
          "there is no layer %d; the layers are 0 to %d".formatted(layer, sites.size() - 1));
    }
    return layer;
  }
}
