package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.VisualQueryLogits;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class AtpTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("loss")) {
      lossAgrees(golden.part("loss"));
      return;
    }
    // What the picture and text look like beyond their attention: nothing to check. Of the two
    // ways to count self attention the logits are the one that Squint follows.
    golden.ignore("heads");
    golden.ignore("prefix");
    golden.ignore("head_mean_probs_vis_vis");
    assertThat(golden.text("self_mode")).isEqualTo("received_logits");
    assertThat(golden.integer("lambda_sample")).isEqualTo(3);
    int[] grid = golden.integers("grid");
    int[] strides = golden.integers("strides");
    assertThat(strides).containsExactly(Prompts.range(1, strides.length + 1));
    Matrix text = golden.matrix("head_mean_probs_text_vis");
    golden.assertInteger("text", text.rows());
    AtpModule module =
        new AtpModule(
            weights(
                golden.matrix("Wz"),
                golden.floats("bz"),
                golden.floats("w_r"),
                (float) golden.number("b_r"),
                golden.floats("w_s"),
                (float) golden.number("b_s"),
                strides.length));
    Matrix logits = Matrix.of(golden.matrix("head_mean_logits_vis_vis").columnMeans());
    LayerTokens tokens = tokens(grid[0], grid[1], logits, text);

    AtpScores scores =
        AtpScores.of(
            tokens,
            tokens.evidence(new VisualQueryLogits()),
            tokens.evidence(new TextQueryAttention()),
            strides.length,
            false);
    golden.assertFloats("S_self", scores.self());
    golden.assertFloats("S_cross", scores.cross());
    golden.assertFloats("S_redundant", scores.redundancy());
    golden.assertFloats("S_spatial", scores.spatial());
    float[] embedding = module.embedding(module.inPlace(tokens, scores));
    float redundancy = module.redundancyThreshold(embedding);
    float spatial = module.spatialThreshold(embedding);
    golden.assertFloats("z", embedding);
    golden.assertNumber("theta_r", redundancy);
    golden.assertNumber("theta_s", spatial);
    double temperature = golden.number("temperature");
    float[] first = AtpTraining.softMask(scores.redundancy(), redundancy, temperature);
    float[] second = AtpTraining.softMask(scores.spatial(), spatial, temperature);
    float[] larger = first.clone();
    for (int j = 0; j < larger.length; j++) {
      larger[j] = Math.max(larger[j], second[j]);
    }
    golden.assertFloats("mask_r", first);
    golden.assertFloats("mask_s", second);
    golden.assertFloats("mask_soft", larger);
    golden.assertIntegers("kept", reduce(module, tokens).kept());
    golden.assertIntegers(
        "kept",
        new AtpStyle(redundancy, spatial, strides.length).reduce(tokens, Budget.adaptive()).kept());
  }

  private static void lossAgrees(GoldenCase golden) {
    Matrix masks = golden.matrix("soft_masks");
    double depth =
        AtpTraining.depthLoss(masks, golden.integers("layers"), golden.integer("initial_visual"));
    double target = AtpTraining.targetLoss(masks, golden.integer("target"));
    golden.assertNumber("L_atp", depth);
    golden.assertNumber("N_bar", AtpTraining.meanKept(masks));
    golden.assertNumber("L_target", target);
    golden.assertNumber(
        "total_extra",
        golden.number("lambda_atp") * depth + golden.number("lambda_target") * target);
  }

  @Test
  void theModuleReadsTokensInTheirPlaces() {
    LayerTokens all = tokens(1, 3, Matrix.of(new float[] {1, 2, 3}), Matrix.of(new float[3]));
    LayerTokens fewer = all.reduced(TokenReduction.keep(3, new int[] {0, 2}));
    AtpModule module =
        new AtpModule(
            weights(
                new Matrix(1, 6, new float[6]), new float[1], new float[1], 0, new float[1], 0, 4));

    Matrix input =
        module.inPlace(
            fewer,
            AtpScores.of(
                fewer,
                fewer.evidence(new VisualQueryLogits()),
                fewer.evidence(new TextQueryAttention()),
                4,
                false));

    assertThat(input).isEqualTo(Matrix.of(new float[] {1, 0, 3, 0, 0, 0}));
  }

  @Test
  void whereNothingIsAboveTheBestStays() {
    LayerTokens tokens = tokens(1, 3, Matrix.of(new float[] {1, 3, 2}), Matrix.of(new float[3]));

    assertThat(new AtpStyle(9, 2, 1).reduce(tokens, Budget.adaptive()).kept()).containsExactly(1);
  }

  @Test
  void scaledScoresRunFromZeroToOne() {
    LayerTokens tokens =
        tokens(1, 3, Matrix.of(new float[] {-4, 0, 4}), Matrix.of(new float[] {0, 0.02f, 0.01f}));

    AtpScores scores =
        AtpScores.of(
            tokens,
            tokens.evidence(new VisualQueryLogits()),
            tokens.evidence(new TextQueryAttention()),
            1,
            true);

    assertThat(scores.self()).containsExactly(0, 0.5f, 1);
    assertThat(scores.cross()).containsExactly(0, 1, 0.5f);
  }

  @Test
  void aModuleOfTwoInputsReadsMeans() {
    LayerTokens tokens = tokens(1, 3, Matrix.of(new float[] {3, 6, 9}), Matrix.of(new float[3]));
    // The redundancy threshold is sigmoid(6 - 6) = 1/2, so that scores above 1 all stay, and the
    // spatial one sigmoid(6) keeps nothing.
    AtpModule module =
        new AtpModule(
            weights(
                Matrix.of(new float[] {1, 0}),
                new float[1],
                new float[] {1},
                -6,
                new float[] {1},
                0,
                1));

    assertThat(reduce(module, tokens).isIdentity()).isTrue();
  }

  private static TokenReduction reduce(AtpModule module, LayerTokens tokens) {
    return module.reduce(
        tokens,
        tokens.evidence(new VisualQueryLogits()),
        tokens.evidence(new TextQueryAttention()),
        Budget.adaptive());
  }

  private static TrainedWeights weights(
      Matrix weight, float[] bias, float[] r, float rBias, float[] s, float sBias, int coarsest) {
    return new TrainedWeights(
        Map.of(
            "weight", weight,
            "bias", Matrix.of(bias),
            "redundancy.weight", Matrix.of(r),
            "redundancy.bias", Matrix.of(new float[] {rBias}),
            "spatial.weight", Matrix.of(s),
            "spatial.bias", Matrix.of(new float[] {sBias}),
            "coarsest", Matrix.of(new float[] {coarsest}),
            "scaled", Matrix.of(new float[] {0})));
  }

  private static LayerTokens tokens(int rows, int cols, Matrix logits, Matrix text) {
    List<Matrix> words = new ArrayList<>();
    for (int t = 0; t < text.rows(); t++) {
      words.add(Matrix.of(text.row(t)));
    }
    return Prompts.visual(
        rows,
        cols,
        new Matrix(rows * cols, 1, new float[rows * cols]),
        EvidenceSet.nothing()
            .with(new VisualQueryLogits(), Logits.of(logits))
            .with(new TextQueryAttention(), new TextAttention(words)));
  }
}
