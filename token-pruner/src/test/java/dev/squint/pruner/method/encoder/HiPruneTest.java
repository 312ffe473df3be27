package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.pruner.method.GoldenCase;
import org.junit.jupiter.api.Test;

public class HiPruneTest {
  private static final double MIDDLE = 0.375;

  public static void agreesWith(GoldenCase golden) {
    int side = golden.integer("params.side");
    PatchTokens tokens =
        tokens(
            side,
            golden.matrix("inputs.received_middle_[H,N]"),
            golden.matrix("inputs.received_deep_[H,N]"));

    golden.assertIntegers(
        "outputs.kept_sorted",
        new HiPrune(Variant.CODE, golden.number("params.alpha"), MIDDLE)
            .reduce(tokens, Budget.count(golden.integer("params.k")))
            .kept());
  }

  @Test
  void anAnchorStaysWithItsNeighbours_andTheRestIsOfTheLastLayer() {
    // 3 x 3 tokens. The middle layer looks at token 3, at the left edge; the last one at 8 and 7.
    float[] middle = {0, 0, 0, 1, 0, 0, 0, 0, 0};
    float[] deep = {0, 0.1f, 0.1f, 0, 0, 0, 0, 0.3f, 0.4f};
    PatchTokens tokens = tokens(3, Matrix.of(middle), Matrix.of(deep));

    // An anchor has five tokens, so 0.9 of 6 is one. Left of token 3 there is none.
    assertThat(new HiPrune(Variant.PAPER, 0.9, MIDDLE).reduce(tokens, Budget.count(6)).kept())
        .containsExactly(0, 3, 4, 6, 7, 8);
    // In the code the token before it is 2, at the end of the row above.
    assertThat(new HiPrune(Variant.CODE, 0.9, MIDDLE).reduce(tokens, Budget.count(6)).kept())
        .containsExactly(0, 2, 3, 4, 6, 8);
    assertThat(new HiPrune(Variant.PAPER, 0, MIDDLE).reduce(tokens, Budget.count(2)).kept())
        .containsExactly(7, 8);
    assertThat(new HiPrune(Variant.PAPER, 1, MIDDLE).reduce(tokens, Budget.count(3)).kept())
        .as("no more neighbours than the budget has")
        .containsExactly(0, 3, 4);
  }

  @Test
  void theMiddleLayer_isAShareOfTheLayers() {
    assertThat(new ReceivedAttention(MIDDLE).layer(24)).isEqualTo(8);
    assertThat(new ReceivedAttention(MIDDLE).layer(23)).isEqualTo(8);
    assertThat(new ReceivedAttention(MIDDLE).layer(4)).isEqualTo(1);
    assertThat(new ReceivedAttention(1).layer(12)).isEqualTo(11);
    assertThat(new ReceivedAttention(0.01).layer(12)).isZero();
  }

  private static PatchTokens tokens(int side, Matrix middle, Matrix deep) {
    return PatchTokens.encoded(
        RandomTokens.single(side, side),
        new Matrix(side * side, 1, new float[side * side]),
        EvidenceSet.nothing()
            .with(new ReceivedAttention(MIDDLE), Attention.of(middle))
            .with(new ReceivedAttention(1), Attention.of(deep)));
  }
}
