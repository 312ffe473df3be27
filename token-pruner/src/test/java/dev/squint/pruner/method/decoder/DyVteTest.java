package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class DyVteTest {

  public static void agreesWith(GoldenCase golden) {
    int prefix = golden.integer("prefix");
    int visual = golden.integer("visual");
    int text = golden.integer("text");
    Matrix hiddenWeights = golden.matrix("w1");
    golden.assertInteger("router_hidden", hiddenWeights.rows());
    golden.assertInteger("hidden_size", hiddenWeights.cols() / 2);
    Matrix outputWeights = golden.matrix("w2");
    DyVte.Gate gate = new DyVte.Gate(hiddenWeights, outputWeights);
    for (GoldenCase layer : golden.parts("layers")) {
      layer.ignore("layer");
      Matrix hidden = layer.matrix("hidden");
      Matrix after = hidden.rows(Prompts.range(prefix + visual, prefix + visual + text));
      LayerTokens tokens = tokens(visual, after, hiddenWeights, outputWeights);

      layer.assertFloats("feature", DyVte.feature(after));
      layer.assertFloats("gate_logits", gate.logits(DyVte.feature(after)));
      int[] kept = new DyVte().reduce(tokens, Budget.adaptive()).kept();
      assertThat(kept.length == 0).isEqualTo(layer.bool("exit"));
      int[] rows = Prompts.rows(prefix, visual, text, kept);
      layer.assertInteger("seq_len_after", rows.length);
      layer.assertIntegers(
          "position_ids_after", Prompts.positions(new DyVte().continuation(), rows));
      // The shape of a mask that the authors make; none is needed here.
      layer.ignore("attn_mask_after");
    }
  }

  @Test
  void leavesWhereTheSecondLogitIsLarger() {
    // Reads the last token alone: the gate leaves where its one feature is positive.
    Matrix hidden = Matrix.of(new float[] {0, 1});
    Matrix output = Matrix.of(new float[] {0}, new float[] {1});
    Matrix positive = Matrix.of(new float[] {5}, new float[] {2});
    Matrix negative = Matrix.of(new float[] {5}, new float[] {-2});

    DyVte method = new DyVte();
    assertThat(method.reduce(tokens(3, positive, hidden, output), Budget.adaptive()).after())
        .isZero();
    assertThat(method.reduce(tokens(3, negative, hidden, output), Budget.adaptive()).isIdentity())
        .isTrue();
    assertThatThrownBy(() -> DyVte.feature(Matrix.of(new float[] {1})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 text tokens");
  }

  private static LayerTokens tokens(int visual, Matrix text, Matrix hidden, Matrix output) {
    return Prompts.visual(
        visual,
        EvidenceSet.nothing()
            .with(new TextHidden(), text)
            .with(
                new Trained("dyvte"),
                new TrainedWeights(Map.of("hidden", hidden, "output", output))));
  }
}
