package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TextToText;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextSelfAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.List;
import org.junit.jupiter.api.Test;

public class AdaptInferTest {

  public static void agreesWith(GoldenCase golden) {
    int prefix = golden.integer("prefix");
    int text = golden.integer("text");
    int heads = golden.integer("heads");
    int[] kept = Prompts.range(0, golden.integer("visual"));
    AdaptInfer method = new AdaptInfer(1);
    for (GoldenCase stage : golden.parts("stages")) {
      stage.ignore("layer");
      stage.ignore("min_gap");
      int visual = stage.integer("visual_in");
      List<Matrix> rows = stage.matrices("attn_text_rows");
      assertThat(rows).hasSize(heads);
      TextToText words =
          new TextToText(Prompts.columns(rows, prefix + visual, prefix + visual + text));
      LayerTokens tokens =
          tokens(Prompts.byRow(Prompts.columns(rows, prefix, prefix + visual)), words);
      // The authors let at least one token go.
      int count = Math.min(stage.integer("budget"), visual - 1);

      stage.assertMatrix("text_importance", method.wordWeights(words));
      stage.assertFloats("visual_scores", method.score(tokens));
      int[] choice = method.reduce(tokens, Budget.count(count)).kept();
      stage.assertIntegers("kept", choice);
      stage.assertInteger("k", choice.length);
      kept = Prompts.pick(kept, choice);
      stage.assertIntegers("kept_original", kept);
      assertThat(
              Prompts.positions(method.continuation(), Prompts.rows(prefix, visual, text, choice)))
          .containsExactly(Prompts.range(0, stage.integer("new_position_ids_len")));
      // The authors' code for Qwen2-VL rounds down.
      stage.assertIntegers(
          "qwen2vl_kept_ratio0_5",
          method.reduce(tokens, Budget.count(Math.max(1, visual / 2))).kept());
    }
  }

  @Test
  void aWordThatOthersLookAtCountsMore() {
    // Both words attend to the second one; the first word attends to token 0, the second to token
    // 1.
    TextToText words =
        new TextToText(List.of(Matrix.of(new float[] {0, 0.5f}, new float[] {0, 0.4f})));
    LayerTokens tokens =
        tokens(List.of(Matrix.of(new float[] {0.3f, 0}), Matrix.of(new float[] {0, 0.2f})), words);

    assertThat(new AdaptInfer(1).reduce(tokens, Budget.count(1)).kept()).containsExactly(1);
    assertThat(new AdaptInfer(0).reduce(tokens, Budget.count(1)).kept()).containsExactly(0);
  }

  private static LayerTokens tokens(List<Matrix> toVisual, TextToText words) {
    return Prompts.visual(
        toVisual.get(0).cols(),
        EvidenceSet.nothing()
            .with(new TextQueryAttention(), new TextAttention(toVisual))
            .with(new TextSelfAttention(), words));
  }
}
