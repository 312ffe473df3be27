package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.method.GoldenCase;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class ScopeTest {

  public static void agreesWith(GoldenCase golden) {
    PatchTokens tokens =
        tokens(golden.matrix("inputs.hidden_[N,D]"), golden.matrix("inputs.cls_attention_[H,N]"));
    Scope method = new Scope(golden.number("params.alpha"));
    int count = golden.integer("params.k");

    int[] order = method.order(tokens, count);

    golden.assertIntegers("outputs.selected_in_order", order);
    assertThat(method.reduce(tokens, Budget.count(count)).kept())
        .containsExactly(IntStream.of(order).sorted().toArray());
  }

  @Test
  void coverageAndAttentionDecideTogether() {
    // Tokens 0, 1 and 2 are the same, 3 and 4 are like no other. Token 0 covers three.
    Matrix hidden =
        Matrix.of(
            new float[] {1, 0, 0},
            new float[] {2, 0, 0},
            new float[] {3, 0, 0},
            new float[] {0, 1, 0},
            new float[] {0, 0, 1});

    // By coverage alone: three tokens, then one each; of equals the first.
    assertThat(order(0, hidden, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f)).containsExactly(0, 3, 4);
    // 3 x 0.1, 3 x 0.2, 3 x 0.05, 1 x 0.5, 1 x 0.15; then the second token.
    assertThat(order(1, hidden, 0.1f, 0.2f, 0.05f, 0.5f, 0.15f)).containsExactly(1, 3, 4);
    // 3 x 0.1, ..., 1 x 0.7; then 3 x 0.2 and 1 x 0.4.
    assertThat(order(1, hidden, 0.1f, 0.2f, 0.05f, 0.7f, 0.4f)).containsExactly(3, 1, 4);
    // Squares: 3 x 0.04 is less than 0.4 x 0.4.
    assertThat(order(2, hidden, 0.1f, 0.2f, 0.05f, 0.7f, 0.4f)).containsExactly(3, 4, 1);
  }

  private static int[] order(double alpha, Matrix hidden, float... attention) {
    return new Scope(alpha).order(tokens(hidden, Matrix.of(attention)), 3);
  }

  private static PatchTokens tokens(Matrix hidden, Matrix attention) {
    return PatchTokens.encoded(
        RandomTokens.single(1, hidden.rows()),
        hidden,
        EvidenceSet.nothing()
            .with(new EncoderHidden(-1), hidden)
            .with(new ClsAttention(-1), Attention.of(attention)));
  }
}
