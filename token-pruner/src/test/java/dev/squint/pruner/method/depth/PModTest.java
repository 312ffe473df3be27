package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.LayerInput;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Routing;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import dev.squint.pruner.method.Stubs;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class PModTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("prd_schedules_32_layers")) {
      GoldenCase schedules = golden.part("prd_schedules_32_layers");
      scheduleAgrees(schedules.part("shiftedcos_085_015"), PMod.Decay.COSINE);
      scheduleAgrees(schedules.part("shiftedlinear_085_015"), PMod.Decay.LINEAR);
      return;
    }
    int prefix = golden.integer("prefix");
    int visual = golden.integer("visual");
    golden.ignore("min_gap");
    Matrix hidden = golden.matrix("hidden");
    golden.assertInteger("hidden_size", hidden.cols());
    golden.assertInteger("text", hidden.rows() - prefix - visual);
    double ratio = golden.number("ratio");
    PMod router =
        new PMod(
            Matrix.of(golden.floats("router_weight")),
            golden.floats("router_bias"),
            new double[] {ratio});
    int[] places = Prompts.range(prefix, prefix + visual);

    float[] logits = new float[hidden.rows()];
    float[] norms = new float[hidden.rows()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = router.logit(0, hidden, i);
      norms[i] = PMod.tanhNorm(logits[i]);
    }
    golden.assertFloats("router_logits", logits);
    golden.assertFloats("tanhnorm_weights", norms);
    golden.assertInteger("k", PMod.processed(visual, ratio));
    Routing routing = router.route(new LayerInput(0, hidden, places, -1));
    int[] processed = routing.processed();
    golden.assertIntegers(
        "kept_visual",
        IntStream.of(processed)
            .filter(i -> i >= prefix && i < prefix + visual)
            .map(i -> i - prefix)
            .toArray());
    golden.assertIntegers(
        "kept_position_ids", Prompts.positions(routing.continuation(), processed));
    Matrix residual = Stubs.residual(hidden.rows(processed), 0.5f);
    Matrix mlp = Stubs.tanh(residual);
    golden.assertMatrix("residual_after_attn_kept", residual);
    golden.assertMatrix("mlp_out_kept", mlp);
    golden.assertMatrix("output", routing.combine(hidden, residual, mlp));
  }

  private static void scheduleAgrees(GoldenCase golden, PMod.Decay decay) {
    double[] ratios = PMod.ratios(32, decay);
    float[] floats = new float[32];
    double sum = 0;
    for (int layer = 0; layer < 32; layer++) {
      floats[layer] = (float) ratios[layer];
      sum += ratios[layer];
    }
    golden.assertIntegers(
        "mod_layers", IntStream.range(0, 32).filter(layer -> ratios[layer] < 1).toArray());
    golden.assertFloats("ratios", floats);
    golden.assertIntegers(
        "keep_of_576",
        IntStream.range(0, 32).map(layer -> PMod.processed(576, ratios[layer])).toArray());
    golden.assertNumber("mean_ratio", sum / 32);
  }

  @Test
  void newTokensAndDenseLayersPassAsEver() {
    PMod router =
        new PMod(Matrix.of(new float[] {1}, new float[] {1}), new float[2], new double[] {0.5, 1});
    Matrix hidden = Matrix.of(new float[] {1}, new float[] {2});

    assertThat(router.route(new LayerInput(0, hidden, new int[] {0, 1}, -1)).processed())
        .containsExactly(1);
    assertThat(router.route(new LayerInput(1, hidden, new int[] {0, 1}, -1)))
        .isEqualTo(Routing.everything(2));
    assertThat(router.route(new LayerInput(0, hidden, new int[0], 0)))
        .isEqualTo(Routing.everything(2));
  }
}
