package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not understood is refused in one line that names what was found. */
class RefusalTest {

  private static final Path FUSED = Path.of("src/test/resources/graphs/fused-decoder.onnx");
  private static final Path SPELLED_OUT =
      Path.of("../llm-decoder/src/test/resources/packages/llava/onnx/decoder_model_merged.onnx");

  @TempDir Path folder;

  @Test
  void cutBehindTheLastLayer() {
    refused(
        FUSED,
        CutPlan.after(3),
        "fused-decoder.onnx cannot be cut after layer 3",
        "it has layers 0 to 3 and can be cut after 0 to 2");
  }

  @Test
  void tapOfALayerThatIsNotThere() {
    refused(
        FUSED,
        CutPlan.after(1).tapping(Tap.queries(4)),
        "fused-decoder.onnx cannot be cut after layer 1",
        "there is no layer 4; the layers are 0 to 3");
  }

  @Test
  void tapAheadWithoutACut() {
    refused(
        FUSED,
        CutPlan.after(1).tapping(Tap.queries(1).givenAhead()),
        "fused-decoder.onnx cannot be cut after layer 1",
        "it would give tap.1.queries.rows.ahead in the stage before its layer, but there is no cut"
            + " after layer 0");
  }

  @Test
  void graphOfTheOtherKind() {
    assertThatThrownBy(() -> rewriter().cut(FUSED, GraphKind.VISION_ENCODER, CutPlan.after()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "fused-decoder.onnx cannot be rewritten: it has the inputs [inputs_embeds")
        .hasMessageContaining("it needs an input 'pixel_values' and an output 'image_features'")
        .hasMessageEndingWith(
            "; plans at 'tiles' work, and at 'encoder' methods that need no evidence of the"
                + " encoder's layers");
  }

  @Test
  void cacheThatComesOutOfAnIf() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                node.getOutputList().contains("present.2.key")
                    ? node.toBuilder().setOpType("If").setName("/cache_branch").build()
                    : node),
        CutPlan.after(1),
        "'present.2.key' comes out of 'If' node '/cache_branch'; known are"
            + " GroupQueryAttention, MultiHeadAttention and a Concat of past and new keys");
  }

  @Test
  void scoresThatAreNotSoftmaxed() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                node.getName().equals("/model/layers.2/self_attn/Softmax")
                    ? node.toBuilder().setOpType("Sigmoid").build()
                    : node),
        CutPlan.after(1),
        "'present.2.key' of 'Concat' node '/model/layers.2/self_attn/Concat_5' does"
            + " not lead to a MatMul with queries followed by a Softmax");
  }

  @Test
  void scoresThatAreBent() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                node.getName().equals("/model/layers.1/self_attn/Mul_4")
                    ? node.toBuilder()
                        .setOpType("Tanh")
                        .clearInput()
                        .addInput(node.getInput(0))
                        .build()
                    : node),
        CutPlan.after(1).tapping(Tap.queries(1)),
        "'Tanh' node '/model/layers.1/self_attn/Mul_4' changes the scores in a"
            + " nonlinear way, so attention cannot be computed from the queries");
  }

  @Test
  void ropeWithoutPositionIds() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                Nodes.is(node, "Unsqueeze")
                    ? Nodes.renamed(node, Map.of(GraphRewriter.POSITIONS, GraphRewriter.MASK))
                    : node),
        CutPlan.after(1).tapping(Tap.unrotatedQueries(1)),
        "it applies RoPE by '/model/layers.0/self_attn/Unsqueeze_6_output_0', which is"
            + " not computed from 'position_ids', so its attention without RoPE cannot be computed;"
            + " methods that do not need it work");
  }

  @Test
  void maskThatIsNotKnown() throws IOException {
    Path file =
        edited(
            FUSED,
            node ->
                node.getOutputList().contains("present.1.key")
                    ? node.toBuilder()
                        .setOpType("MultiHeadAttention")
                        .setName("attending")
                        .clearInput()
                        .addAllInput(node.getInputList().subList(0, 3))
                        .addInput("")
                        .addInput("attention_mask")
                        .build()
                    : node);
    refused(
        file,
        CutPlan.after(1).tapping(Tap.queries(1)),
        "'MultiHeadAttention' node 'attending' has the mask input 'attention_mask',"
            + " so the tokens that its queries attend to are unknown");
  }

  @Test
  void residualThatIsNotASum() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                node.getName().equals("/model/layers.1/Add_1")
                    ? node.toBuilder().setOpType("Max").build()
                    : node),
        CutPlan.after(1),
        "behind layer 1 ('Softmax' node '/model/layers.1/self_attn/Softmax') no single sum (Add,"
            + " SkipLayerNormalization) holds all that is read of the layers so far, as where the"
            + " hidden states of several layers are read");
  }

  @Test
  void layerThatReadsTheEmbeddingsAgain() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                node.getName().equals("/model/layers.3/mlp/Mul")
                    ? node.toBuilder().setInput(1, "inputs_embeds").build()
                    : node),
        CutPlan.after(1),
        "'Mul' node '/model/layers.3/mlp/Mul' behind layer 1 reads 'inputs_embeds'");
  }

  @Test
  void layerThatReadsTheShapeOfAnEarlierLayersHeads() throws IOException {
    refused(
        edited(
            SPELLED_OUT,
            node ->
                node.getName().equals("/model/layers.3/self_attn/Shape")
                    ? node.toBuilder()
                        .setInput(0, "/model/layers.0/self_attn/Transpose_output_0")
                        .build()
                    : node),
        CutPlan.after(1),
        "'Shape' node '/model/layers.3/self_attn/Shape' behind layer 1 reads the shape of"
            + " '/model/layers.0/self_attn/Transpose_output_0', which is made before and is no"
            + " hidden state");
  }

  @Test
  void shapeOfAnEarlierLayersNorm_isThatOfTheHiddenStates() throws IOException {
    Path shared =
        edited(
            SPELLED_OUT,
            node ->
                node.getName().equals("/model/layers.3/self_attn/Shape")
                    ? node.toBuilder()
                        .setInput(0, "/model/layers.0/input_layernorm/Mul_1_output_0")
                        .build()
                    : node);
    CutGraph cut = rewriter().cut(shared, GraphKind.DECODER, CutPlan.after(1));

    try (Runs staged = Runs.staged(cut);
        Runs whole = Runs.whole(SPELLED_OUT)) {
      Runs.Floats prompt = Runs.Floats.random(1, 1, 6, 64);
      org.assertj.core.api.Assertions.assertThat(
              staged.step(prompt, 0, 1, 2, 3, 4, 5).get("logits").values())
          .isEqualTo(whole.step(prompt, 0, 1, 2, 3, 4, 5).get("logits").values());
    }
  }

  @Test
  void layerWithARecurrentState() throws IOException {
    ModelProto model = OnnxModel.read(SPELLED_OUT).proto();
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph.addOutput(graph.getOutput(0).toBuilder().setName("present_conv.0"));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Identity")
            .addInput("logits")
            .addOutput("present_conv.0"));
    refused(
        write(model.toBuilder().setGraph(graph).build()),
        CutPlan.after(1),
        "layer 0 keeps a state ('present_conv.0') that depends on every token, so"
            + " tokens cannot be dropped between layers; pruning before the decoder works");
  }

  @Test
  void functionsOfTheModelsOwn() throws IOException {
    ModelProto model = OnnxModel.read(FUSED).proto();
    refused(
        write(model.toBuilder().addFunctions(ByteString.copyFromUtf8("f")).build()),
        CutPlan.after(1),
        "it has model-local functions, which are not supported; export it without functions");
  }

  @Test
  void nodeThatReadsATensorWithoutProducer() throws IOException {
    refused(
        edited(
            FUSED,
            node ->
                node.getOutputList().contains("logits")
                    ? node.toBuilder().setInput(0, "nowhere").setName("head").build()
                    : node),
        CutPlan.after(1),
        "'MatMul' node 'head' reads 'nowhere', which no node produces");
  }

  @Test
  void cutsThatDoNotAscend() {
    assertThatThrownBy(() -> new CutPlan(List.of(2, 1), java.util.Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cuts must ascend but were [2, 1]");
  }

  private void refused(Path file, CutPlan plan, String why) {
    refused(file, plan, "edited.onnx cannot be cut after layer 1", why);
  }

  /** What was asked, why not, and what works instead. */
  private void refused(Path file, CutPlan plan, String asked, String why) {
    assertThatThrownBy(() -> rewriter().cut(file, GraphKind.DECODER, plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(asked + ": " + why + "; plans that act before the decoder work");
  }

  @Test
  void tapsWithoutCuts_andCutsBeforeTheFirstLayer_areNamed() {
    assertThatThrownBy(
            () -> rewriter().cut(FUSED, GraphKind.DECODER, CutPlan.after().tapping(Tap.queries(4))))
        .hasMessageStartingWith("fused-decoder.onnx cannot show what its layers compute: there is");
    assertThatThrownBy(
            () -> rewriter().cut(FUSED, GraphKind.DECODER, CutPlan.after(CutPlan.EMBEDDINGS, 9)))
        .hasMessageStartingWith(
            "fused-decoder.onnx cannot be cut before its first layer and after layer 9: it has");
  }

  private GraphRewriter rewriter() {
    return new GraphRewriter(new GraphCache(folder.resolve("cache")));
  }

  private Path edited(Path file, UnaryOperator<NodeProto> edit) throws IOException {
    ModelProto model = OnnxModel.read(file).proto();
    GraphProto.Builder graph = model.getGraph().toBuilder();
    int changed = 0;
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = edit.apply(graph.getNode(i));
      changed += node.equals(graph.getNode(i)) ? 0 : 1;
      graph.setNode(i, node);
    }
    if (changed != 1) {
      throw new IllegalStateException(changed + " nodes were changed");
    }
    return write(model.toBuilder().setGraph(graph).build());
  }

  private Path write(ModelProto model) throws IOException {
    return Files.write(folder.resolve("edited.onnx"), model.toByteArray());
  }
}
