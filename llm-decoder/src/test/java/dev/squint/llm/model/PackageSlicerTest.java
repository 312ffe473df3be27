package dev.squint.llm.model;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.Sampler;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.graph.DecoderWork;
import dev.squint.vision.onnx.graph.HeadProjections;
import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Heads that are cut out answer as heads whose output is zero. */
class PackageSlicerTest {
  // The products leave zeros out, so they sum in other blocks.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);
  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path PICTURE = PACKAGES.resolve("llava/test/small_90x70.png");
  private static final List<Set<Integer>> INACTIVE =
      List.of(Set.of(), Set.of(0), Set.of(1, 2), Set.of(3));

  @TempDir Path temp;

  /**
   * Spelled out, fused with packed and with rotated queries, with norms, and with partial RoPE. No
   * plan reads attention: heads that were cut out attend by the queries of another head.
   */
  @ParameterizedTest
  @CsvSource({
    "llava, none",
    "llava, decoder:yopo(from=0.75; window=3)",
    "smolvlm2-fused, layer2:uniform-grid(keep=0.5)",
    "qwen2-vl-fused, none",
    "gemma3, decoder:yopo(from=0.5)",
    "moondream1, layer1:random(keep=0.5)"
  })
  void slicedHeads_answerAsHeadsThatReturnNothing(String name, String written) throws IOException {
    String plan = written.replace(';', ',');
    ModelPackage model = ModelPackage.read(PACKAGES.resolve(name));
    Path sliced = temp.resolve("sliced");
    Path zeroed = temp.resolve("zeroed");
    PackageSlicer.write(model, INACTIVE, sliced);
    PackageSlicer.write(model, List.of(Set.of(), Set.of(), Set.of(), Set.of()), zeroed);
    zero(zeroed);

    List<float[]> actual = ask(sliced, plan);
    List<float[]> expected = ask(zeroed, plan);

    assertThat(actual).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < actual.size(); i++) {
      assertClose(actual.get(i), expected.get(i), LOGITS, "logits of token " + i);
    }
    assertThat(ask(PACKAGES.resolve(name), plan).get(0)).isNotEqualTo(actual.get(0));
  }

  /** Sets the rows of the output projections that read inactive heads to zero. */
  private static void zero(Path folder) throws IOException {
    Path file = folder.resolve("onnx/decoder_model_merged.onnx");
    GraphProto graph = OnnxModel.read(file).proto().getGraph();
    List<HeadProjections> layers = HeadProjections.of(file);
    try (RandomAccessFile weights = new RandomAccessFile(file + "_data", "rw")) {
      for (int layer = 0; layer < layers.size(); layer++) {
        HeadProjections layout = layers.get(layer);
        TensorProto matrix = matrix(graph, layout.output());
        byte[] rows = new byte[(int) (layout.headSize() * matrix.getDims(1) * Float.BYTES)];
        for (int head : INACTIVE.get(layer)) {
          weights.seek(offset(matrix) + (long) head * rows.length);
          weights.write(rows);
        }
      }
    }
  }

  private static TensorProto matrix(GraphProto graph, String output) {
    String name =
        graph.getNodeList().stream()
            .filter(node -> node.getOutputList().contains(output))
            .map(node -> node.getInput(1))
            .findFirst()
            .orElseThrow();
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static long offset(TensorProto tensor) {
    return tensor.getExternalDataList().stream()
        .filter(entry -> entry.getKey().equals("offset"))
        .mapToLong(entry -> Long.parseLong(entry.getValue()))
        .findFirst()
        .orElseThrow();
  }

  private static List<float[]> ask(Path folder, String plan) {
    List<float[]> logits = new ArrayList<>();
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      model.ask(
          List.of(new PictureReader().read(PICTURE)),
          "What is in the picture?",
          AskOptions.DEFAULT
              .withPlan(plan)
              .withMaxTokens(3)
              .withSampler(
                  () ->
                      values -> {
                        logits.add(values.clone());
                        return Sampler.GREEDY.next(values);
                      }));
    }
    return logits;
  }

  /** Heads 1 and 2 of 4 are missing; what follows the queries in a packed matrix stays. */
  @Test
  void missingHeads_haveTheQueriesOfTheFirstThatIsLeft() throws IOException {
    Path file = temp.resolve("onnx/decoder_model_merged.onnx");
    PackageSlicer.write(ModelPackage.read(PACKAGES.resolve("smolvlm2-fused")), INACTIVE, temp);
    GraphProto graph = OnnxModel.read(file).proto().getGraph();
    HeadProjections layout =
        HeadProjections.of(PACKAGES.resolve("smolvlm2-fused/onnx/decoder_model_merged.onnx"))
            .get(2);
    TensorProto columns =
        graph.getInitializerList().stream()
            .filter(tensor -> tensor.getName().equals(layout.queries() + ".columns"))
            .findFirst()
            .orElseThrow();
    int size = layout.headSize();
    int[] heads = {0, 0, 0, 1};
    try (RandomAccessFile weights = new RandomAccessFile(file + "_data", "r")) {
      weights.seek(offset(columns));
      for (int column = 0; column < columns.getDims(0); column++) {
        long place = Long.reverseBytes(weights.readLong());
        assertThat(place)
            .as("column %d", column)
            .isEqualTo(
                column < 4 * size
                    ? heads[column / size] * size + column % size
                    : column - 2 * size);
      }
    }
  }

  @Test
  void theCostModelCountsTheSmallerProjections() {
    Path whole = PACKAGES.resolve("llava/onnx/decoder_model_merged.onnx");
    PackageSlicer.write(ModelPackage.read(PACKAGES.resolve("llava")), INACTIVE, temp);

    List<Double> before = DecoderWork.of(whole, 4).perLayer();
    List<Double> after =
        DecoderWork.of(temp.resolve("onnx/decoder_model_merged.onnx"), 4).perLayer();

    HeadProjections layout = HeadProjections.of(whole).get(0);
    double hidden = 64;
    // A token's query and its output: two products of d by D, a multiply-add counts as two.
    double ofHead = 2 * 2 * layout.headSize() * hidden;
    for (int layer = 0; layer < 4; layer++) {
      assertThat(before.get(layer) - after.get(layer))
          .isEqualTo(INACTIVE.get(layer).size() * ofHead);
    }
  }

  @Test
  void headsAndGraphsThatCannotBeSliced_areRefused() {
    ModelPackage llava = ModelPackage.read(PACKAGES.resolve("llava"));
    refused(llava, List.of(Set.of()), "the decoder has 4 layers but heads of 1 are named");
    refused(
        llava,
        List.of(Set.of(4), Set.of(), Set.of(), Set.of()),
        "layer 0 has heads 0 to 3 and must keep one, but [4] are to go");
    refused(
        llava,
        List.of(Set.of(), Set.of(), Set.of(0, 1, 2, 3), Set.of()),
        "layer 2 has heads 0 to 3 and must keep one");
    refused(
        ModelPackage.read(PACKAGES.resolve("llava-onevision-variants")),
        INACTIVE,
        "is missing; heads are sliced in packages with three fp32 graphs");
    Path eightBits =
        PACKAGES.resolve("llava-onevision-variants/onnx/decoder_model_merged_quantized.onnx");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadProjections.of(eightBits))
        .withMessageContaining("slice the fp32 form, then write others with 'squint quantize'");
  }

  private void refused(ModelPackage model, List<Set<Integer>> heads, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PackageSlicer.write(model, heads, temp.resolve("refused" + heads.size())))
        .withMessageContaining(message);
  }
}
