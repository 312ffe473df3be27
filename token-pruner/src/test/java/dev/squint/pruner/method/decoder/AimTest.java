package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
      int count = (int) (visual * layer.number("retain_rate"));
      // The authors' masked tokens stay as rows; the choice is among the others.
      int[] left = IntStream.range(0, visual).filter(index -> mask[prefix + index] == 1).toArray();
      PromptLogits evidence =
          new PromptLogits(logits, IntStream.of(left).map(index -> prefix + index).toArray());
      LayerTokens tokens =
          Prompts.visual(left.length, EvidenceSet.nothing().with(new PromptSelfLogits(), evidence));

      layer.assertFloats("importance", method.importance(logits));
      layer.assertInteger("keep_num", count + prefix + text);
      layer.assertIntegers(
          "kept_visual", Prompts.pick(left, method.reduce(tokens, Budget.count(count)).kept()));
    }
  }

  /** The schedule that the documentation of the method states is the authors'. */
  private static void schedulesAgreeWith(GoldenCase golden) {
    double[] qwen = shares(28, 14);
    golden.assertFloats("qwen2_28_layers_start14", floats(qwen));
    golden.assertFloats("vicuna_32_layers_start13", floats(shares(32, 13)));
    golden.assertIntegers(
        "keep_visual_of_144_qwen2",
        Arrays.stream(qwen).mapToInt(share -> (int) (144 * share)).toArray());
  }

  /** From a layer on, each drops an eighth of all tokens; the share that remains, [L]. */
  private static double[] shares(int layers, int start) {
    return IntStream.range(0, layers)
        .mapToDouble(layer -> layer < start ? 1 : Math.max(0, 1 - 0.125 * (layer - start + 1)))
        .toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
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
