package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.VisualQueryAttention;
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
      golden.outside("loss"); // of the training
      return;
    }
    // Other properties of picture and text, which the method does not read.
    golden.ignore("heads");
    golden.ignore("prefix");
    AtpStyle.Self mode = mode(golden.text("self_mode"));
    // A case holds what both modes are made from.
    String read =
        mode == AtpStyle.Self.LOGITS ? "head_mean_logits_vis_vis" : "head_mean_probs_vis_vis";
    golden.ignore("head_mean_logits_vis_vis");
    golden.ignore("head_mean_probs_vis_vis");
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
    Matrix self = Matrix.of(golden.matrix(read).columnMeans());
    LayerTokens tokens = tokens(grid[0], grid[1], self, text);

    AtpScores scores =
        AtpScores.of(
            tokens,
            tokens.evidence(new VisualQueryLogits()).perHead(),
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
    // Of the training, where masks stand for thresholds.
    for (String path : List.of("temperature", "mask_r", "mask_s", "mask_soft")) {
      golden.ignore(path);
    }
    golden.assertIntegers("kept", reduce(module, tokens).kept());
    golden.assertIntegers(
        "kept",
        new AtpStyle(redundancy, spatial, strides.length, mode)
            .reduce(tokens, Budget.adaptive())
            .kept());
  }

  private static AtpStyle.Self mode(String golden) {
    return switch (golden) {
      case "received_logits" -> AtpStyle.Self.LOGITS;
      case "received_probs" -> AtpStyle.Self.ATTENTION;
      default -> throw new AssertionError("no method of Squint counts self attention as " + golden);
    };
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
                fewer.evidence(new VisualQueryLogits()).perHead(),
                fewer.evidence(new TextQueryAttention()),
                4,
                false));

    assertThat(input).isEqualTo(Matrix.of(new float[] {1, 0, 3, 0, 0, 0}));
  }

  @Test
  void whereNothingIsAboveTheBestStays() {
    LayerTokens tokens = tokens(1, 3, Matrix.of(new float[] {1, 3, 2}), Matrix.of(new float[3]));

    AtpStyle none = new AtpStyle(9, 2, 1, AtpStyle.Self.LOGITS);
    assertThat(none.reduce(tokens, Budget.adaptive()).kept()).containsExactly(1);
  }

  @Test
  void selfScoresAreLogitsOrAttention() {
    LayerTokens tokens =
        Prompts.visual(
            1,
            3,
            new Matrix(3, 1, new float[3]),
            EvidenceSet.nothing()
                .with(new VisualQueryLogits(), Logits.of(Matrix.of(new float[] {1, 3, 2})))
                .with(
                    new VisualQueryAttention(),
                    Attention.of(Matrix.of(new float[] {0.6f, 0.1f, 0.2f})))
                .with(
                    new TextQueryAttention(), new TextAttention(List.of(Matrix.of(new float[3])))));

    assertThat(kept(AtpStyle.Self.LOGITS, 1.2, tokens)).containsExactly(1);
    assertThat(kept(AtpStyle.Self.ATTENTION, 0.2, tokens)).containsExactly(0);
  }

  private static int[] kept(AtpStyle.Self self, double threshold, LayerTokens tokens) {
    AtpStyle method = new AtpStyle(threshold, 2, 1, self);
    return method.reduce(tokens.showingOnly(method.needs()), Budget.adaptive()).kept();
  }

  @Test
  void scaledScoresRunFromZeroToOne() {
    LayerTokens tokens =
        tokens(1, 3, Matrix.of(new float[] {-4, 0, 4}), Matrix.of(new float[] {0, 0.02f, 0.01f}));

    AtpScores scores =
        AtpScores.of(
            tokens,
            tokens.evidence(new VisualQueryLogits()).perHead(),
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
            .with(new VisualQueryAttention(), Attention.of(logits))
            .with(new TextQueryAttention(), new TextAttention(words)));
  }
}
