package dev.squint.eval.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.run.AnswerLine;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.PackageSlicer;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operations of decoders of several kinds against figures that were computed by hand. */
class DecoderCostTest {

  private static final Path PACKAGES = Path.of("../llm-decoder/src/test/resources/packages");

  private static DecoderCost of(String name) {
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGES.resolve(name))) {
      return DecoderCost.of(model);
    }
  }

  private static LayerWork work(DecoderCost cost) {
    return Objects.requireNonNull(cost.work());
  }

  @Test
  void aPlainDecoder_hasWhatTheFormulaSays_alsoInFusedOperators() {
    for (String name : List.of("smolvlm2", "smolvlm2-fused")) {
      DecoderCost cost = of(name);
      List<Integer> tokens = List.of(9, 9, 5, 5);

      assertThat(cost.prefill(tokens)).isEqualTo(Flops.prefill(cost.shape(), tokens));
      assertThat(cost.step(tokens)).isEqualTo(Flops.step(cost.shape(), tokens));
      assertThat(cost.prefillOfRuns(List.of(new StageRun(0, 2, 9), new StageRun(2, 4, 5))))
          .isEqualTo(cost.prefill(tokens).grouped());
    }
  }

  /** YOPO's strategies on a decoder of 4 layers and 4 heads: as many operations as by hand. */
  @Test
  void slicedHeads_andLayersWithoutVisualTokens_areCountedTogether(@TempDir Path temp) {
    Path sliced = temp.resolve("sliced");
    PackageSlicer.write(
        ModelPackage.read(PACKAGES.resolve("llava")),
        List.of(Set.of(), Set.of(0), Set.of(1, 2), Set.of(3)),
        sliced);
    try (VisionLanguageModel model = VisionLanguageModel.load(sliced)) {
      Answer answer =
          model.ask(
              List.of(new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"))),
              "What is in the picture?",
              AskOptions.DEFAULT.withPlan("decoder:yopo(from=0.5)").withMaxTokens(1));
      int words = answer.promptTokens() - answer.visualTokens();
      List<Integer> tokens = AnswerLine.layerTokens(answer);
      assertThat(tokens)
          .containsExactly(answer.promptTokens(), answer.promptTokens(), words, words);

      // Hidden size 64, heads of 16: four projections of 64 x 64, three matrices of 64 x 160. A
      // head that is gone saves 16 columns of the queries and 16 rows of the output.
      double layer = 2 * (4 * 64 * 64 + 3 * 64 * 160);
      double head = 2 * 2 * 16 * 64;
      double all = answer.promptTokens();
      double expected = all * (2 * layer - head) + words * (2 * layer - 3 * head) + 2 * 64 * 422;
      expected += 2 * 4 * 64 * (all * all + (double) words * words);
      assertThat(DecoderCost.of(model).prefill(tokens).grouped()).isEqualTo(expected);
      assertThat(DecoderCost.of(model).prefillOfRuns(answer.prefillRuns())).isEqualTo(expected);
    }
  }

  @Test
  void lfm2_hasConvolutionsInThreeOfFourLayers() {
    DecoderCost cost = of("lfm2-vl");

    // Hidden size 64: 64 x 192, 3 weights for each channel and 64 x 64 in a convolution; queries
    // and output of 64 x 64, keys and values of 64 x 32; three matrices of 64 x 96 in each MLP.
    double convolution = 64 * 192 + 3 * 64 + 64 * 64;
    double attention = 2 * 64 * 64 + 2 * 64 * 32;
    double layers = 2 * (3 * convolution + attention + 4 * 3 * 64 * 96);
    assertThat(cost.shape().layers()).isEqualTo(1);
    assertThat(work(cost).perToken()).containsExactly(layers);
    assertThat(work(cost).uncached()).isEqualTo(3);
    // Only one layer attends: each of 10 tokens to 10.
    assertThat(cost.prefill(10).grouped()).isEqualTo(10 * layers + 4 * 10 * 10 * 64 + 2 * 64 * 424);
    assertThat(cost.step(List.of(10))).isEqualTo(layers + 4 * 10 * 64 + 2 * 64 * 424);
    assertThat(cost.prefill(10).full())
        .isEqualTo(4 * (8.0 * 10 * 64 * 64 + 4.0 * 100 * 64 + 6.0 * 10 * 64 * 96));
  }

  @Test
  void gemma3n_hasInputsOfEachLayer_fourStreams_andLayersThatShareKeys() {
    DecoderCost cost = of("gemma3n");

    // Hidden size 32: queries and output of 32 x 64, keys and values of 32 x 32, three matrices of
    // 32 x 48, a residual of rank 8, an input of 8 for each layer.
    double sharing = 2 * 32 * 64 + 3 * 32 * 48 + 2 * 32 * 8 + 2 * 32 * 8;
    // Four streams: their selection, counted twice, and their weights before and after the layer.
    sharing += 2 * 32 * 4 + 4 * 16 + 4 * 4;
    double layer = sharing + 2 * 32 * 32;
    double streams = 3 * 32 * 32;
    double inputs = 32 * 6 * 8;
    // The streams that the next layer reads are weighed before the cut.
    double next = 32 * 4 + 4 * 16;
    double first = 2 * (inputs + streams + layer + next);
    // The third and fourth layer give their keys to the last two, so nothing ends them alone.
    double each = 2 * (2 * layer + 2 * sharing + streams - next) / 4;
    assertThat(work(cost).perToken()).containsExactly(first, 2 * layer, each, each, each, each);
    assertThat(work(cost).queries()).isEqualTo(Collections.nCopies(6, 64.0));
    assertThat(cost.prefill(List.of(10, 10, 6, 6, 6, 6)).grouped())
        .isEqualTo(
            10 * (first + 2 * layer)
                + 2 * 4 * 100 * 64
                + 4 * (6 * each + 4 * 36 * 64)
                + 2 * 32 * 508);
  }

  @Test
  void gemma4_countsLayersWithoutACacheAtTheLastOneWithOne() {
    DecoderCost cost = of("gemma4");

    assertThat(cost.shape().layers()).isEqualTo(4);
    assertThat(work(cost).uncached()).isEqualTo(2);
    // Sizes of the keys in the graph: the last layer with a cache has those of three layers.
    double[] queries = work(cost).queries().stream().mapToDouble(Double::doubleValue).toArray();
    double mean = (queries[0] + queries[1] + queries[2] + queries[1]) / 4;
    assertThat(queries[3]).isEqualTo(queries[1] + 2 * mean);
    assertThat(cost.prefill(10).full())
        .isEqualTo(6 * (8.0 * 10 * 32 * 32 + 4.0 * 100 * 32 + 6.0 * 10 * 32 * 48));
  }

  @Test
  void qwen35_updatesStatesInThreeOfFourLayers() {
    DecoderCost cost = of("qwen3.5");

    // A state of 16 x 16 in each of 4 heads.
    double states = 3 * 6 * 4 * 16 * 16;
    assertThat(work(cost).perToken()).hasSize(1);
    assertThat(work(cost).perToken().get(0)).isGreaterThan(states + 2 * 4 * 3 * 64 * 96);
    assertThat(work(cost).queries()).containsExactly(4 * 32.0);
  }

  @Test
  void anMlpOfTwoMatrices_isCountedAsSuch() {
    DecoderCost cost = of("moondream1");

    double layer = 2 * (4 * 64 * 64 + 2 * 64 * 96);
    assertThat(work(cost).perToken()).isEqualTo(Collections.nCopies(4, layer));
  }
}
