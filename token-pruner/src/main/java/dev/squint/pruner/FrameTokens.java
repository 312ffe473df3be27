package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The frames of a video before they are encoded, one token per frame, [F, D]: a small grey picture
 * of each frame, values from 0 to 1. A dropped frame is not encoded.
 */
public final class FrameTokens extends TokenSet {
  private final double[] seconds;
  private final float[] motion;

  private FrameTokens(
      Matrix grey,
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      EvidenceSet observed,
      double[] seconds,
      float[] motion) {
    super(grey, tiles, positions, patches, observed);
    this.seconds = seconds;
    this.motion = motion;
  }

  /**
   * All frames of a clip, in temporal order.
   *
   * @param grey a small grey picture of each, [F, D]
   * @param seconds time of each frame in seconds, [F]
   * @param motion motion from the previous frame to each frame, as a share of the picture's width,
   *     [F]; 0 for the first
   * @throws IllegalArgumentException when the lengths differ
   */
  public static FrameTokens of(Matrix grey, double[] seconds, float[] motion) {
    int n = grey.rows();
    if (seconds.length != n || motion.length != n) {
      throw new IllegalArgumentException(
          "frames, times and motions must have the same number but there are %d, %d and %d"
              .formatted(n, seconds.length, motion.length));
    }
    List<Tile> tiles = new ArrayList<>();
    List<TokenPosition> positions = new ArrayList<>();
    for (int f = 0; f < n; f++) {
      tiles.add(Tile.global(f, 1, 1));
      positions.add(new TokenPosition(f, f, 0, 0));
    }
    int[] patches = new int[n];
    Arrays.fill(patches, 1);
    return new FrameTokens(
        grey, tiles, positions, patches, EvidenceSet.nothing(), seconds.clone(), motion.clone());
  }

  /** Time of each frame in seconds, [F]. */
  public double[] seconds() {
    return seconds.clone();
  }

  /**
   * Motion from the previous kept frame to each frame, as a share of the picture's width, [F]; it
   * includes the motion of dropped frames in between.
   */
  public float[] motion() {
    return motion.clone();
  }

  /** Mean difference of the grey values of two frames, from 0 to 1. */
  public float difference(int one, int other) {
    double sum = 0;
    for (int d = 0; d < features().cols(); d++) {
      sum += Math.abs(features().get(one, d) - features().get(other, d));
    }
    return (float) (sum / features().cols());
  }

  /** Number of {@link Operations} of {@link #difference}. */
  public double differenceOperations() {
    return 2.0 * features().cols() + 1;
  }

  @Override
  public FrameTokens reduced(TokenReduction reduction) {
    int[] kept = reduction.kept();
    double[] newSeconds = new double[kept.length];
    float[] newMotion = new float[kept.length];
    for (int k = 0; k < kept.length; k++) {
      newSeconds[k] = seconds[kept[k]];
      for (int f = k == 0 ? kept[0] : kept[k - 1] + 1; f <= kept[k]; f++) {
        newMotion[k] += motion[f];
      }
    }
    return new FrameTokens(
        reduction.apply(features()),
        tiles(),
        reduction.pick(positions()),
        reduction.sum(patches()),
        observed().reduced(reduction),
        newSeconds,
        newMotion);
  }

  @Override
  public FrameTokens showingOnly(Set<Evidence<?>> kinds) {
    return new FrameTokens(
        features(), tiles(), positions(), patches(), observed().only(kinds), seconds, motion);
  }
}
