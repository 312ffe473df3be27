package dev.squint.pruner.method.frames;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FrameChoiceTest {

  @Test
  void keyFrames_areTheFirstAndThoseAfterCuts() {
    FrameTokens frames = grey(0, 0, 0.8f, 0.8f, 0.1f, 0.1f);

    assertThat(kept(new KeyFrames(), frames, Budget.count(3))).containsExactly(0, 2, 4);
    assertThat(kept(new KeyFrames(), frames, Budget.count(2))).containsExactly(0, 2);
  }

  @Test
  void even_isFromTheFirstToTheLast() {
    assertThat(kept(new EvenFrames(), grey(new float[10]), Budget.count(4)))
        .containsExactly(0, 3, 6, 9);
    assertThat(kept(new EvenFrames(), grey(new float[10]), Budget.count(1))).containsExactly(0);
  }

  @Test
  void motion_choosesWhereMuchMoves() {
    float[] motion = {0, 0, 0, 0, 0.1f, 0.1f, 0.1f, 0.1f, 0, 0};
    FrameTokens frames = moving(motion);

    assertThat(kept(new MotionFrames(0), frames, Budget.count(5))).containsExactly(0, 4, 5, 6, 7);
    assertThat(kept(new MotionFrames(0.05), moving(new float[9]), Budget.count(3)))
        .containsExactly(0, 4, 8);
  }

  /**
   * Motion 8 from the first frame to the second, then none; each step counts as L = rest x 8 / 5
   * more, so the frames lie at 0, 8 + L, 8 + 2L, 8 + 3L and 8 + 4L. The middle of three is the
   * first one from 4 + 2L on: the second with rest 1, L = 1.6, the third with rest 5, L = 8.
   */
  @Test
  void motion_restIsAShareOfTheMeanMotion() {
    FrameTokens frames = moving(0, 8, 0, 0, 0);

    assertThat(kept(new MotionFrames(1), frames, Budget.count(3))).containsExactly(0, 1, 4);
    assertThat(kept(new MotionFrames(5), frames, Budget.count(3))).containsExactly(0, 2, 4);
  }

  @Test
  void skipStatic_keepsOneOfAStillStretch() {
    FrameTokens frames = grey(0.5f, 0.5f, 0.505f, 0.6f, 0.6f, 0.5f);

    assertThat(kept(new SkipStaticFrames(0.01), frames, Budget.adaptive()))
        .containsExactly(0, 3, 5);
    // Slow changes add up.
    assertThat(kept(new SkipStaticFrames(0.01), grey(0, 0.008f, 0.016f, 0.024f), Budget.adaptive()))
        .containsExactly(0, 2);
  }

  @Test
  void motionOfDroppedFramesCountsForTheNextOne() {
    FrameTokens frames = moving(0, 1, 2, 4).reduced(TokenReduction.keep(4, new int[] {0, 3}));

    assertThat(frames.motion()).containsExactly(0, 7);
    assertThat(frames.seconds()).containsExactly(0, 3);
  }

  private static int[] kept(Pruner<FrameTokens> method, FrameTokens frames, Budget budget) {
    return method.reduce(frames, budget).kept();
  }

  private static FrameTokens grey(float... values) {
    return FrameTokens.of(
        new Matrix(values.length, 1, values),
        IntStream.range(0, values.length).asDoubleStream().toArray(),
        new float[values.length]);
  }

  private static FrameTokens moving(float... motion) {
    return FrameTokens.of(
        new Matrix(motion.length, 1, new float[motion.length]),
        IntStream.range(0, motion.length).asDoubleStream().toArray(),
        motion);
  }
}
