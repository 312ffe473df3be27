package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.onnx.graph.Runs.Floats;
import dev.squint.vision.onnx.graph.Runs.Outputs;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real graph of a Gemma-3-4B package, of which only the structure is here. */
class GemmaGraphTest {

  private static final Path GEMMA = Path.of("src/test/resources/graphs/gemma3-4b-decoder.onnx");
  private static final CutPlan PLAN = CutPlan.after(1, 11, 32).tapping(Tap.queries(1));

  /**
   * Narrower, so that all 34 layers run in a test: hidden size, MLP, vocabulary, table of angles.
   */
  private static final Map<Long, Long> SIZES = Map.of(2560L, 32L, 10240L, 48L, 262208L, 50L);

  private static final long ANGLES = 64;

  @TempDir Path folder;

  @Test
  void layers_areReadFromTheFlowOfData() {
    List<LayerInfo> layers = GraphRewriter.layers(GEMMA, GraphKind.DECODER);

    assertThat(layers).hasSize(34);
    assertThat(layers.get(4))
        .isEqualTo(
            new LayerInfo(
                4, "GroupQueryAttention", 8, 4, new AttentionLimits(true, 1024, 0), true));
    assertThat(layers.get(5))
        .isEqualTo(
            new LayerInfo(5, "GroupQueryAttention", 8, 4, new AttentionLimits(true, 0, 0), true));
    assertThat(layers.get(33).cuttable()).isFalse();
    assertThat(layers.subList(0, 33)).allMatch(LayerInfo::cuttable);
  }

  @Test
  void stages_areWhole_andWeightsStayWhereTheyAre() {
    CutGraph cut = cut(GEMMA, PLAN);

    assertThat(cut.weights()).contains(GEMMA.toAbsolutePath().normalize().getParent());
    List<String> weights = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      StageGraph info = cut.stages().get(stage);
      GraphProto graph = OnnxModel.read(cut.file(stage)).graph();
      // Indexing fails if a node reads a tensor that no node produces.
      GraphIndex index = new GraphIndex(graph);
      Set<String> inputs = new TreeSet<>(index.inputs().keySet());
      assertThat(inputs).contains("inputs_embeds", "attention_mask", "position_ids");
      assertThat(inputs.contains("num_logits_to_keep")).isEqualTo(stage == 3);
      assertThat(inputs.contains("tap_rows")).isEqualTo(stage == 0);
      for (int layer = 0; layer < 34; layer++) {
        boolean mine = info.firstLayer() <= layer && layer < info.endLayer();
        assertThat(inputs.contains("past_key_values.%d.key".formatted(layer))).isEqualTo(mine);
        assertThat(index.outputs().containsKey("present.%d.value".formatted(layer)))
            .isEqualTo(mine);
      }
      assertThat(index.outputs()).containsKey(stage == 3 ? "logits" : "hidden_states");
      graph.getInitializerList().stream()
          .filter(tensor -> tensor.getExternalDataCount() > 0)
          .filter(tensor -> tensor.getName().contains(".weight"))
          .forEach(tensor -> weights.add(tensor.getName()));
    }
    assertThat(weights).doesNotHaveDuplicates();
    assertThat(weights)
        .containsExactlyInAnyOrderElementsOf(
            OnnxModel.read(GEMMA).graph().getInitializerList().stream()
                .map(TensorProto::getName)
                .filter(name -> name.contains(".weight"))
                .toList());
    assertThat(cut.folder().toFile().listFiles()).hasSize(5);
  }

  @Test
  void stagesWithRandomWeights_areTheWhole_toTheLastBit() throws IOException {
    Path narrow = narrow();
    try (Runs whole = Runs.whole(narrow);
        Runs staged = Runs.staged(cut(narrow, PLAN))) {
      for (int step = 0; step <= 8; step++) {
        int tokens = step == 0 ? 20 : 1;
        long first = step == 0 ? 0 : 19 + step;
        long[] positions = LongStream.range(first, first + tokens).toArray();
        Floats hidden = Floats.random(step, 1, tokens, 32);

        Outputs expected = whole.step(hidden, positions);
        Outputs actual = staged.step(hidden, positions);

        for (float logit : expected.get("logits").values()) {
          assertThat(logit).isFinite();
        }
        for (String name : expected.names()) {
          assertThat(actual.get(name).values())
              .as("%s of step %d", name, step)
              .isEqualTo(expected.get(name).values());
        }
      }
    }
  }

  /** The same graph with narrow layers and random weights in a file beside it. */
  private Path narrow() throws IOException {
    ModelProto model = OnnxModel.read(GEMMA).proto();
    GraphProto.Builder graph = model.getGraph().toBuilder().clearValueInfo();
    Random random = new Random(11);
    long offset = 0;
    try (OutputStream data = Files.newOutputStream(folder.resolve("weights.data"))) {
      for (int i = 0; i < graph.getInitializerCount(); i++) {
        TensorProto tensor = graph.getInitializer(i);
        if (tensor.getExternalDataCount() == 0) {
          continue;
        }
        TensorProto.Builder changed = tensor.toBuilder().clearDims().clearExternalData();
        int elements = 1;
        for (long dim : tensor.getDimsList()) {
          boolean angles = tensor.getName().contains("_cache") && changed.getDimsCount() == 0;
          long size = angles ? ANGLES : SIZES.getOrDefault(dim, dim);
          changed.addDims(size);
          elements *= (int) size;
        }
        double gain = tensor.getDimsCount() == 1 ? 1 : 1 / Math.sqrt((double) changed.getDims(0));
        ByteBuffer bytes =
            ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int e = 0; e < elements; e++) {
          bytes.putFloat((float) (gain * random.nextGaussian()));
        }
        data.write(bytes.array());
        changed.addExternalData(entry("location", "weights.data"));
        changed.addExternalData(entry("offset", Long.toString(offset)));
        changed.addExternalData(entry("length", Long.toString(bytes.capacity())));
        offset += bytes.capacity();
        graph.setInitializer(i, changed);
      }
    }
    for (int i = 0; i < graph.getInputCount(); i++) {
      graph.setInput(i, narrow(graph.getInput(i)));
    }
    for (int i = 0; i < graph.getOutputCount(); i++) {
      graph.setOutput(i, narrow(graph.getOutput(i)));
    }
    Path file = folder.resolve("narrow.onnx");
    return Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
  }

  private static ValueInfoProto narrow(ValueInfoProto info) {
    ValueInfoProto.Builder changed = info.toBuilder();
    TensorShapeProto.Builder shape =
        changed.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    for (int i = 0; i < shape.getDimCount(); i++) {
      Long size = SIZES.get(shape.getDim(i).getDimValue());
      if (size != null) {
        shape.getDimBuilder(i).setDimValue(size);
      }
    }
    return changed.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private CutGraph cut(Path file, CutPlan plan) {
    return new GraphRewriter(new GraphCache(folder.resolve("cache")))
        .cut(file, GraphKind.DECODER, plan);
  }
}
