package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

public class HoloVTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix features = golden.matrix("inputs.features_[N,D]");
    float[] attention = golden.floats("inputs.attention_[N]");
    int[] expected = golden.integers("outputs.kept_in_output_order");

    int[] kept =
        new HoloV(golden.integer("params.strips"), 0.09)
            .reduce(tokens(features, attention), Budget.count(golden.integer("params.k")))
            .kept();

    // Strip by strip, the most attended first.
    Arrays.sort(expected);
    assertThat(kept).containsExactly(expected);
  }

  @Test
  void aStripGetsWhatItIsAttendedTo_andNoMoreThanItHas() {
    // Three strips of two tokens with 0.8, 0.15 and 0.05 of the attention.
    float[] attention = {0.5f, 0.3f, 0.05f, 0.1f, 0.01f, 0.04f};
    PatchTokens tokens = tokens(new Matrix(6, 1, new float[] {1, 1, 1, 1, 1, 1}), attention);

    // 2.4, 0.45, 0.15 of 3: two for the first, the one that is left goes to it too, but it has no
    // more; then the second gets it.
    assertThat(new HoloV(3, 0.09).reduce(tokens, Budget.count(3)).kept()).containsExactly(0, 1, 3);
    assertThat(new HoloV(3, 0.09).reduce(tokens, Budget.count(1)).kept()).containsExactly(0);
    assertThat(new HoloV(1, 0.09).reduce(tokens, Budget.count(3)).kept()).containsExactly(0, 1, 3);
  }

  @Test
  void whatRoundingLeaves_goesToTheBestStrips() {
    int[] starts = {0, 4, 8, 12};

    // 2.5, 1.45 and 1.05 of 5.
    assertThat(HoloV.shares(new double[] {50, 29, 21}, starts, 5)).containsExactly(3, 1, 1);
    // 4.5, 3.4, 2.1 of 10: the first has four tokens, and what it has no room for is divided again.
    assertThat(HoloV.shares(new double[] {45, 34, 21}, starts, 10)).containsExactly(4, 4, 2);
  }

  private static PatchTokens tokens(Matrix features, float[] attention) {
    return PatchTokens.encoded(
        RandomTokens.single(1, features.rows()),
        features,
        EvidenceSet.nothing().with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));
  }
}
