package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A graph rewritten by a plan, before it is written to disk.
 *
 * @param whole the model before it was cut; its weights are the same for every plan
 * @param stages the description of each stage
 * @param graphs the graph of each stage, in the same order
 * @param layers the properties of the layers
 * @param countsPositions whether the whole graph has no input of position ids
 * @param leftOut outputs of the whole graph that no single stage can compute
 */
record RewrittenGraph(
    ModelProto whole,
    List<StageGraph> stages,
    List<GraphProto> graphs,
    List<LayerInfo> layers,
    boolean countsPositions,
    List<String> leftOut) {

  /** Smaller constants stay in the graph, because ONNX Runtime infers shapes from them. */
  static final int LARGE = 1024;

  private static final String INSTEAD_OF_PATCHES = "use tiles or encoder instead of patches";

  /**
   * Rewrites a graph.
   *
   * @throws IllegalArgumentException if the plan does not fit the graph, or the graph follows no
   *     known pattern; the message names the node
   */
  static RewrittenGraph of(OnnxModel model, GraphKind kind, CutPlan plan) {
    try {
      return rewrite(model, kind, plan);
    } catch (IllegalArgumentException e) {
      throw Refusal.of(model, kind, plan, e);
    }
  }

  private static ModelProto whole(OnnxModel model, GraphIndex index) {
    return model.proto().toBuilder().setGraph(index.graph()).build();
  }

  /** The properties of a graph's layers. */
  static List<LayerInfo> layers(OnnxModel model, GraphKind kind) {
    try {
      return Layers.find(index(model), kind).info();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s (%s)".formatted(e.getMessage(), model.name()), e);
    }
  }

  /** As {@link GraphRewriter#checkPositions}. */
  static void checkPositions(OnnxModel model) {
    GraphIndex index = index(model);
    if (!index.inputs().containsKey(GraphRewriter.POSITIONS)) {
      Layers layers = Layers.find(index, GraphKind.DECODER);
      new CountedPositions(model, index, layers).giveTo(new GraphEditor(index.graph()));
    }
  }

  /**
   * Lets the operators that apply RoPE themselves do it by the input of positions, if it is there.
   */
  private static void giveTables(Layers layers, GraphEditor editor) {
    if (editor.hasInput(GraphRewriter.POSITIONS)) {
      PlacedTables tables = new PlacedTables(editor);
      rotating(layers).forEach(group -> group.follow(editor, tables));
    }
  }

  private static Stream<GroupQuerySite> rotating(Layers layers) {
    return layers.sites().stream()
        .filter(GroupQuerySite.class::isInstance)
        .map(GroupQuerySite.class::cast)
        .filter(GroupQuerySite::rotates);
  }

  /** A decoder whose counted positions cannot be replaced keeps counting them. */
  private static GraphEditor editor(
      OnnxModel model, GraphIndex index, GraphKind kind, Layers layers) {
    GraphEditor editor = new GraphEditor(index.graph());
    if (kind != GraphKind.DECODER) {
      return editor;
    }
    try {
      new CountedPositions(model, index, layers).giveTo(editor);
    } catch (IllegalArgumentException refused) {
      return new GraphEditor(index.graph());
    }
    if (rotating(layers).findAny().isPresent()) {
      editor.input(GraphRewriter.POSITIONS, GraphEditor.INT64, "batch_size", "sequence_length");
    }
    return editor;
  }

  private static RewrittenGraph ofSomePatches(OnnxModel model, GraphIndex index, GraphKind kind) {
    return new RewrittenGraph(
        whole(model, index),
        List.of(new StageGraph("", 0, 0, kind.source(), kind.result(), List.of(), false)),
        List.of(PatchIndex.open(index)),
        List.of(),
        true,
        List.of());
  }

  /**
   * Checks that an encoder that takes patches can be given some of them.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  static void checkPatchRows(OnnxModel model) {
    try {
      PatchIndex.check(index(model));
    } catch (IllegalArgumentException e) {
      throw Refusal.of(model, "be given some of its patches", e, INSTEAD_OF_PATCHES);
    }
  }

  /**
   * Checks that the layers of an encoder can run on some of the patches.
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  static void checkEmbeddingCut(OnnxModel model) {
    try {
      GraphIndex index = index(model);
      EmbeddingCut.check(index, Layers.find(index, GraphKind.VISION_ENCODER));
    } catch (IllegalArgumentException e) {
      throw Refusal.of(model, "be given some of its patches", e, INSTEAD_OF_PATCHES);
    }
  }

  /**
   * Checks that patches can be merged between the layers of an encoder.
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  static void checkMerging(OnnxModel model) {
    try {
      GraphIndex index = index(model);
      Layers layers = Layers.find(index, GraphKind.VISION_ENCODER);
      PatchPositions.checkNone(index, EmbeddingCut.between(index, layers));
    } catch (IllegalArgumentException e) {
      throw Refusal.of(
          model,
          "merge or drop tokens between its layers",
          e,
          "act behind its last layer, at 'encoder'");
    }
  }

  static GraphIndex index(OnnxModel model) {
    if (model.proto().getFunctionsCount() > 0) {
      throw new IllegalArgumentException(
          "it has model-local functions, which are not supported; export it without functions");
    }
    return new GraphIndex(withoutLargeConstants(model.graph()));
  }

  private static RewrittenGraph rewrite(OnnxModel model, GraphKind kind, CutPlan asked) {
    GraphIndex index = index(model);
    if (asked.somePatches()) {
      return ofSomePatches(model, index, kind);
    }
    Layers layers = Layers.find(index, kind);
    checkCuts(asked, layers);
    CutPlan plan = kind == GraphKind.DECODER ? withMasks(asked, layers) : asked;
    GraphEditor editor = editor(model, index, kind, layers);
    if (plan.cutAfter().contains(CutPlan.EMBEDDINGS)) {
      EmbeddingCut.prepare(index, editor, layers, plan);
    }
    for (int layer = plan.unmaskedFrom(); layer < layers.count(); layer++) {
      editor.input(
          GraphRewriter.KEY_BIAS, GraphEditor.FLOAT, "batch_size", "1", "1", "sequence_length");
      layers.site(layer).takeKeyBias(editor, GraphRewriter.KEY_BIAS);
    }
    if (plan.pairs()) {
      takePairs(editor, layers);
    }
    @Nullable Streams streams = Streams.of(index, layers);
    List<String> boundaries = new ArrayList<>();
    for (int layer : plan.cutAfter()) {
      String residual = layers.residual(index, layer);
      Residuals.part(index, editor, residual);
      boundaries.add(streams == null ? residual : streams.sideBySide(index, editor, residual));
    }
    if (streams != null) {
      streams.check(plan);
    }
    plan.taps().forEach(tap -> tap(index, editor, layers, plan, tap));
    if (kind == GraphKind.DECODER) {
      giveTables(layers, editor);
    }
    GraphIndex edited = new GraphIndex(editor.build());
    StageCutter cutter = new StageCutter(edited, layers, plan, boundaries);
    List<StageGraph> stages = new ArrayList<>();
    List<GraphProto> graphs = new ArrayList<>();
    for (int stage = 0; stage < cutter.stages(); stage++) {
      GraphProto graph = cutter.cut(stage);
      stages.add(
          new StageGraph(
              "",
              cutter.firstLayer(stage),
              cutter.endLayer(stage),
              cutter.hiddenInput(stage),
              cutter.output(stage),
              cutter.taps(stage),
              RowwiseNodes.are(edited, graph)));
      graphs.add(choosingRows(graph, stages.get(stage), layers));
    }
    return new RewrittenGraph(
        whole(model, index),
        stages,
        graphs,
        layers.info(),
        !index.inputs().containsKey(GraphRewriter.POSITIONS),
        List.copyOf(cutter.leftOut()));
  }

  /** Lets the stages before the first and after the last layer of an encoder choose rows. */
  private static GraphProto choosingRows(GraphProto graph, StageGraph stage, Layers layers) {
    if (stage.endLayer() == 0) {
      return StageRows.keeping(graph, stage.output());
    }
    return stage.firstLayer() == layers.count()
        ? StageRows.placing(graph, stage.hiddenInput())
        : graph;
  }

  private static void takePairs(GraphEditor editor, Layers layers) {
    editor.input(
        GraphRewriter.PAIRS, GraphEditor.FLOAT, "batch_size", "1", "new_tokens", "all_tokens");
    layers.sites().forEach(site -> site.takePairs(editor, GraphRewriter.PAIRS));
  }

  /**
   * Checks that the layers of a decoder can take as input which tokens attend to which.
   *
   * @throws IllegalArgumentException if not; the message names the node
   */
  static void checkPairs(OnnxModel model) {
    GraphIndex index = index(model);
    takePairs(new GraphEditor(index.graph()), Layers.find(index, GraphKind.DECODER));
  }

  private static void checkCuts(CutPlan plan, Layers layers) {
    for (int layer : plan.cutAfter()) {
      // The part after the last layer of an encoder is its projector.
      int last = layers.count() - (layers.kind() == GraphKind.VISION_ENCODER ? 1 : 2);
      boolean embeddings = layer == CutPlan.EMBEDDINGS && layers.kind() == GraphKind.VISION_ENCODER;
      if ((layer < 0 && !embeddings) || layer > last) {
        throw new IllegalArgumentException(
            "it has layers 0 to %d and can be cut after 0 to %d"
                .formatted(layers.count() - 1, last));
      }
    }
    for (Tap tap : plan.taps()) {
      if (tap.ahead() && !plan.cutAfter().contains(tap.layer() - 1)) {
        throw new IllegalArgumentException(
            "it would give %s in the stage before its layer, but there is no cut after layer %d"
                .formatted(tap.output(), tap.layer() - 1));
      }
    }
  }

  /**
   * Adds a tap of the mask to each tap of a decoder's queries where the operator does not define
   * which tokens they attend to.
   */
  private static CutPlan withMasks(CutPlan plan, Layers layers) {
    Tap[] masks =
        plan.taps().stream()
            .filter(tap -> tap.value() == Tap.Value.QUERIES)
            .filter(tap -> layers.site(tap.layer()).hasMask())
            .map(tap -> new Tap(tap.layer(), Tap.Value.MASK, tap.rows(), tap.ahead()))
            .toArray(Tap[]::new);
    return plan.tapping(masks);
  }

  private static void tap(
      GraphIndex index, GraphEditor editor, Layers layers, CutPlan plan, Tap tap) {
    AttentionSite site = layers.site(tap.layer());
    String rows = "";
    if (tap.rows() == Tap.Rows.CHOSEN) {
      rows = editor.input(GraphRewriter.TAP_ROWS, GraphEditor.INT64, "tap_rows");
    }
    List<String> perHead = List.of("batch_size", "heads", "rows", "columns");
    String name = tap.output();
    switch (tap.value()) {
      case QUERIES -> output(editor, name, site.queries(editor, rows), perHead);
      case UNROTATED_QUERIES -> output(editor, name, site.queries(editor, rows, false), perHead);
      case MASK -> output(editor, name, site.mask(editor, rows), perHead);
      case KEYS -> output(editor, name, site.keys(editor), perHead);
      case UNROTATED_KEYS -> output(editor, name, site.keys(editor, false), perHead);
      case VALUES -> output(editor, name, site.values(editor), perHead);
      case ATTENTION -> output(editor, name, site.attention(editor, rows), perHead);
      case MEAN_ATTENTION ->
          output(
              editor, name, meanAttention(editor, site), List.of("batch_size", "heads", "columns"));
      case KEY_PROJECTION -> {
        String projected = KeyProjection.of(index, site);
        editor.output(name, projected, GraphEditor.tensor(name, index.elementType(projected)));
      }
      case ATTENDED -> {
        String sum = layers.attended(tap.layer());
        Residuals.show(index, editor, sum);
        editor.output(name, sum, GraphEditor.tensor(name, Residuals.elementType(index, sum)));
      }
      case HIDDEN -> {
        String residual = layers.residual(index, tap.layer());
        if (!plan.cutAfter().contains(tap.layer())) {
          Residuals.show(index, editor, residual);
        }
        editor.output(
            name, residual, GraphEditor.tensor(name, Residuals.elementType(index, residual)));
      }
    }
  }

  /**
   * Uses Einsum for sums, because the reduction operators take their axes differently in each
   * opset.
   */
  private static String meanAttention(GraphEditor editor, AttentionSite site) {
    String queries = site.queries(editor, "");
    String keys = site.keys(editor);
    String scores = einsum(editor, "bhqd,bhkd->bhqk", queries, keys);
    String attention = editor.add("Softmax", List.of(scores), Nodes.attribute("axis", -1));
    String sums = einsum(editor, "bhqk->bhk", attention);
    String shape = editor.add("Shape", List.of(attention));
    String count = editor.add("Gather", List.of(shape, editor.scalar(2L)));
    return editor.add("Div", List.of(sums, HeadLayout.toFloat(editor, count)));
  }

  private static String einsum(GraphEditor editor, String equation, String... inputs) {
    return editor.add("Einsum", List.of(inputs), Nodes.attribute("equation", equation));
  }

  private static void output(GraphEditor editor, String name, String tensor, List<String> symbols) {
    editor.output(name, tensor, GraphEditor.tensor(name, GraphEditor.FLOAT, symbols));
  }

  /** The graph with large constants as initializers, so that stages can share them. */
  private static GraphProto withoutLargeConstants(GraphProto graph) {
    GraphProto.Builder changed = graph.toBuilder().clearNode();
    for (NodeProto node : graph.getNodeList()) {
      TensorProto tensor = largeConstant(node);
      if (tensor == null) {
        changed.addNode(node);
      } else {
        changed.addInitializer(tensor.toBuilder().setName(node.getOutput(0)));
      }
    }
    return changed.build();
  }

  private static @Nullable TensorProto largeConstant(NodeProto node) {
    if (Nodes.is(node, "Constant")) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasT() && attribute.getT().getRawData().size() >= LARGE) {
          return attribute.getT();
        }
      }
    }
    return null;
  }

  /** Whether any weight is in a separate file. */
  static boolean hasExternalData(GraphProto graph) {
    return graph.getInitializerList().stream()
        .anyMatch(tensor -> tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL);
  }
}
