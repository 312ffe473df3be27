package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.method.GoldenCase;
import org.junit.jupiter.api.Test;

public class DyCokeTest {

  public static void agreesWith(GoldenCase golden) {
    PatchTokens tokens =
        clip(
            golden.integer("params.frames"),
            golden.integer("params.tokens_per_frame"),
            golden.matrix("inputs.features_[F*n,D]"));

    golden.assertIntegers(
        "outputs.kept_sorted",
        new DyCoke(Variant.CODE, golden.number("params.merging_ratio"))
            .reduce(tokens, Budget.adaptive())
            .kept());
  }

  /**
   * Frames of two tokens. The second token of frame 1 turns, both of frame 2 are those of frame 0,
   * the first of frame 3 turns.
   */
  private static PatchTokens four() {
    return clip(
        4,
        2,
        Matrix.of(
            new float[] {1, 0},
            new float[] {0, 1},
            new float[] {1, 0},
            new float[] {1, 1},
            new float[] {2, 0},
            new float[] {0, 2},
            new float[] {1, 1},
            new float[] {0, 1}));
  }

  @Test
  void theFirstOfFourFramesStays_andOfTheOthersWhatDiffers() {
    assertThat(new DyCoke(Variant.PAPER, 0.5).reduce(four(), Budget.adaptive()).kept())
        .containsExactly(0, 1, 3, 4, 6);
    assertThat(new DyCoke(Variant.PAPER, 1).reduce(four(), Budget.adaptive()).kept())
        .containsExactly(0, 1);
    assertThat(new DyCoke(Variant.CODE, 0.5).reduce(four(), Budget.adaptive()).kept())
        .as("the code leaves the third of the last four frames whole")
        .containsExactly(0, 1, 3, 4, 5, 6);
  }

  @Test
  void aBudget_isForTheComparedFramesFirstWhereTheWholeOnesFit() {
    DyCoke method = new DyCoke(Variant.PAPER, 0.7);

    assertThat(method.reduce(four(), Budget.count(5)).kept()).containsExactly(0, 1, 3, 4, 6);
    assertThat(method.reduce(four(), Budget.count(4)).kept()).containsExactly(0, 1, 3, 4);
    assertThat(method.reduce(four(), Budget.count(1)).kept()).containsExactly(0);
  }

  private static PatchTokens clip(int frames, int each, Matrix features) {
    return PatchTokens.encoded(
        RandomTokens.frames(frames, 1, each), features, EvidenceSet.nothing());
  }
}
