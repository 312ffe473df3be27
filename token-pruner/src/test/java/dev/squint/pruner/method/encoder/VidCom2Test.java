package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

public class VidCom2Test {

  public static void agreesWith(GoldenCase golden) {
    Matrix features = golden.matrix("inputs.features_[F*n,D]");
    int frames = golden.integer("params.frames");
    double retention = golden.number("params.retention");
    PatchTokens tokens = clip(frames, golden.integer("params.tokens_per_frame"), features);
    VidCom2.Likeness likeness = VidCom2.Likeness.of(features, VidCom2.frames(tokens));

    GoldenCase.assertClose(
        "likeness to the clip",
        floats(likeness.toClip()),
        joined(golden.floatRows("outputs.likeness_to_clip_[F,n]")));
    GoldenCase.assertClose(
        "likeness to the frame",
        floats(likeness.toFrame()),
        joined(golden.floatRows("outputs.likeness_to_frame_[F,n]")));
    golden.assertFloats("outputs.scales_[F]", floats(likeness.scales(retention, 0.01)));
    golden.assertIntegers(
        "outputs.kept",
        new VidCom2(Variant.CODE, 0.01).reduce(tokens, Budget.ratio(retention)).kept());
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static float[] joined(List<float[]> rows) {
    return Matrix.sideBySide(rows.stream().map(Matrix::of).toList()).data();
  }

  @Test
  void framesUnlikeTheClipKeepMore_andTokensUnlikeTheirFrameStay() {
    // Three frames of four tokens; in each the last one differs, and the third frame differs. The
    // last two of four features vary most and are left out. The third frame's share of 6 is 3.33,
    // that of the others 1.33.
    float[][] rows = new float[12][];
    for (int i = 0; i < 12; i++) {
      float noise = i % 2 == 0 ? 9 : -9;
      float usual = i >= 8 ? 2 : 0;
      float last = i >= 8 ? -2 : 0.8f;
      rows[i] = new float[] {1, i % 4 == 3 ? last : usual, noise, -noise};
    }
    PatchTokens tokens = clip(3, 4, Matrix.of(rows));

    int[] kept = new VidCom2(Variant.PAPER, 0.01).reduce(tokens, Budget.count(6)).kept();

    assertThat(kept).contains(3, 7, 11);
    assertThat(Arrays.stream(kept).filter(i -> i >= 8).count()).isEqualTo(3);
  }

  private static PatchTokens clip(int frames, int each, Matrix features) {
    return PatchTokens.encoded(
        RandomTokens.frames(frames, 1, each), features, EvidenceSet.nothing());
  }
}
