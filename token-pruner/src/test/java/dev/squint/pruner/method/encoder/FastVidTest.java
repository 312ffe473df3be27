package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

public class FastVidTest {

  public static void agreesWith(GoldenCase golden) {
    int frames = golden.integer("params.frames");
    Matrix features = golden.matrix("inputs.features_[F*n,D]");
    PatchTokens tokens =
        clip(
            frames,
            golden.integer("params.tokens_per_frame"),
            features,
            golden.floats("inputs.attention_[F*n]"));
    FastVid method =
        new FastVid(
            golden.integer("params.segments"),
            golden.number("params.threshold"),
            golden.number("params.context"),
            golden.integer("params.period"),
            golden.number("params.beta"));

    TokenReduction reduction =
        method.reduce(tokens, Budget.ratio(golden.number("params.retention")));

    int[] ends = method.ends(features, VidCom2.frames(tokens));
    int[] sizes = ends.clone();
    for (int s = 1; s < sizes.length; s++) {
      sizes[s] -= ends[s - 1];
    }
    golden.assertIntegers("outputs.segment_sizes", sizes);
    golden.assertIntegers("outputs.kept", reduction.kept());
    golden.assertMatrix("outputs.features_[k,D]", reduction.apply(features));
  }

  @Test
  void attendedTokensStay_andOthersJoinTheDenseTokensOfTheLastFrame() {
    // Two equal frames of four tokens: one is attended; of the others two are nearly the same.
    float[][] frame = {{1, 0}, {0, 1}, {0.05f, 1}, {0.8f, 0.6f}};
    Matrix features = rows(frame, frame);
    PatchTokens tokens = clip(2, 4, features, new float[] {9, 0, 0, 0, 9, 0, 0, 0});

    // Each frame has a share of two, of which half is merged: two dense tokens in the last frame.
    TokenReduction reduction = new FastVid(1, 0.5, 0.5, 4, 0.6).reduce(tokens, Budget.count(4));

    assertThat(reduction.kept()).containsExactly(0, 4, 6, 7);
    Matrix kept = reduction.apply(features);
    // 0.6 of itself, 0.4 of the mean of four; then of two that are the same.
    assertThat(kept.row(2)).containsExactly(new float[] {0.04f, 1}, within(1e-6f));
    assertThat(kept.row(3)).containsExactly(new float[] {0.8f, 0.6f}, within(1e-6f));
    assertThat(reduction.target()).containsExactly(0, 2, 2, 3, 1, 2, 2, 3);
  }

  @Test
  void aMergedTokenHasBetaOfItself_andTheRestOfTheMean() {
    // One frame. The attended token is 0; the dense one is 2, in the middle of the others.
    Matrix features = rows(new float[][] {{9, 9}, {1, 0}, {1, 1}, {1, 2}});
    PatchTokens tokens = clip(1, 4, features, new float[] {9, 0, 0, 0});

    TokenReduction reduction = new FastVid(1, 0.5, 0.5, 4, 0.7).reduce(tokens, Budget.count(2));

    assertThat(reduction.kept()[0]).isZero();
    int dense = reduction.kept()[1];
    float[] own = features.row(dense);
    assertThat(reduction.apply(features).row(1))
        .containsExactly(new float[] {1, 0.7f * own[1] + 0.3f * (0 + 1 + 2) / 3}, within(1e-6f));
  }

  @Test
  void segmentsEndWhereFramesDiffer_andAtTheLeastLikeOnes() {
    float[][] east = {{1, 0}};
    float[][] nearly = {{1, 0.2f}};
    float[][] north = {{0, 1}};
    Matrix features = rows(east, east, nearly, north, north);
    PatchTokens tokens = clip(5, 1, features, new float[5]);

    assertThat(new FastVid(1, 0.5, 0.4, 4, 0.6).ends(features, VidCom2.frames(tokens)))
        .containsExactly(3, 5);
    assertThat(new FastVid(3, 0.5, 0.4, 4, 0.6).ends(features, VidCom2.frames(tokens)))
        .containsExactly(2, 3, 5);
    assertThat(new FastVid(1, 0.5, 0.4, 1, 0.6).ends(features, VidCom2.frames(tokens)))
        .containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void whatAnchorFramesHaveNoRoomFor_isKeptElsewhere() {
    // Five frames of two tokens, all merged, but only two frames are anchors.
    float[][] frame = {{1, 0}, {0, 1}};
    PatchTokens tokens = clip(5, 2, rows(frame, frame, frame, frame, frame), new float[10]);

    int[] kept = new FastVid(1, 0.5, 1, 4, 0.6).reduce(tokens, Budget.count(9)).kept();

    assertThat(kept).hasSize(9).contains(0, 1, 8, 9);
  }

  @Test
  void parametersOutsideTheirRangesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FastVid(0, 0.9, 0.4, 4, 0.6))
        .withMessage("segments and period must be at least 1 but were 0 and 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FastVid(8, 0.9, 1.4, 4, 0.6))
        .withMessage("context and beta must be in [0, 1] but were 1.4 and 0.6");
  }

  private static Matrix rows(float[][]... frames) {
    return Matrix.of(Arrays.stream(frames).flatMap(Arrays::stream).toArray(float[][]::new));
  }

  private static PatchTokens clip(int frames, int each, Matrix features, float[] attention) {
    return PatchTokens.encoded(
        RandomTokens.frames(frames, 1, each),
        features,
        EvidenceSet.nothing().with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));
  }
}
