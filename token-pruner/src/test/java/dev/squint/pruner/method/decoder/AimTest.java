package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Point;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class AimTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("schedules")) {
      schedulesAgreeWith(golden.part("schedules"));
      return;
    }
    int prefix = golden.integer("prefix");
    int visual = golden.integer("visual");
    int text = golden.integer("suffix");
    int heads = golden.integer("heads");
    golden.assertInteger("seq_len", prefix + visual + text);
    golden.assertInteger("d", 0); // no teleport
    Aim method = new Aim(golden.number("tau_imp"), golden.integer("iters"));
    for (GoldenCase layer : golden.parts("layers")) {
      layer.ignore("layer");
      int[] mask = layer.integers("mask_before");
      List<Matrix> logits = logits(layer.at("logits_lower_triangle"), mask);
      assertThat(logits).hasSize(heads);
      // Rounding is the budget's, not the method's.
      layer.ignore("retain_rate");
      int count = layer.integer("keep_num") - prefix - text;
      // The authors' masked tokens stay as rows; the choice is among the others.
      int[] left = IntStream.range(0, visual).filter(index -> mask[prefix + index] == 1).toArray();
      PromptLogits evidence =
          new PromptLogits(logits, IntStream.of(left).map(index -> prefix + index).toArray());
      LayerTokens tokens =
          Prompts.visual(left.length, EvidenceSet.nothing().with(new PromptSelfLogits(), evidence));

      layer.assertFloats("importance", method.importance(logits));
      layer.assertIntegers(
          "kept_visual", Prompts.pick(left, method.reduce(tokens, Budget.count(count)).kept()));
    }
  }

  /** A plan with a step for each of the authors' drops leaves as many tokens as they keep. */
  private static void schedulesAgreeWith(GoldenCase golden) {
    assertThat(leftOf144(golden.floats("qwen2_28_layers_start14")))
        .containsExactly(golden.integers("keep_visual_of_144_qwen2"));
    float[] vicuna = golden.floats("vicuna_32_layers_start13");
    assertThat(leftOf144(vicuna)).isEqualTo(rounded(vicuna));
  }

  /** Of 144 visual tokens those in each layer, [L], under the plan that has these shares. */
  private static int[] leftOf144(float[] shares) {
    StringJoiner steps = new StringJoiner(" + ");
    for (int layer = 1; layer < shares.length; layer++) {
      if (shares[layer] < shares[layer - 1]) {
        // A step's share is that of the tokens which are left.
        String budget =
            shares[layer] > 0 ? "keep=" + (double) shares[layer] / shares[layer - 1] : "tokens=0";
        steps.add("layer%d:aim(%s)".formatted(layer, budget));
      }
    }
    PruningPlan plan = PruningPlan.parse(steps.toString());
    int[] left = new int[shares.length];
    left[0] = 144;
    for (int layer = 1; layer < shares.length; layer++) {
      left[layer] = left[layer - 1];
      for (Step<?> step : plan.at(Point.decoder(layer))) {
        left[layer] = step.budget().tokens(left[layer]);
      }
    }
    return left;
  }

  private static int[] rounded(float[] shares) {
    return IntStream.range(0, shares.length).map(layer -> (int) (144 * shares[layer])).toArray();
  }

  /** Causal logits without the masked columns, [S, S] a head. */
  private static List<Matrix> logits(JsonNode heads, int[] mask) {
    List<Matrix> logits = new ArrayList<>();
    for (JsonNode head : heads) {
      float[][] rows = new float[mask.length][mask.length];
      for (int i = 0; i < mask.length; i++) {
        Arrays.fill(rows[i], Float.NEGATIVE_INFINITY);
        float[] given = GoldenCase.floats(head.get(i));
        for (int j = 0; j <= i; j++) {
          rows[i][j] = mask[j] == 1 ? given[j] : Float.NEGATIVE_INFINITY;
        }
      }
      logits.add(Matrix.of(rows));
    }
    return logits;
  }

  @Test
  void reducedLogitsLeaveOutRowsAndColumns() {
    Matrix logits =
        Matrix.of(
            new float[] {0, 1, 2, 3},
            new float[] {4, 5, 6, 7},
            new float[] {8, 9, 10, 11},
            new float[] {12, 13, 14, 15});
    LayerTokens tokens =
        Prompts.visual(
            2,
            EvidenceSet.nothing()
                .with(new PromptSelfLogits(), new PromptLogits(List.of(logits), new int[] {1, 2})));

    PromptLogits fewer =
        tokens.reduced(TokenReduction.keep(2, new int[] {1})).evidence(new PromptSelfLogits());

    assertThat(fewer.visual()).containsExactly(1);
    assertThat(fewer.perHead())
        .containsExactly(
            Matrix.of(new float[] {0, 2, 3}, new float[] {8, 10, 11}, new float[] {12, 14, 15}));
  }
}
