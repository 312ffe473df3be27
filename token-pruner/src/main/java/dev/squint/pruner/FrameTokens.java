package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The frames of a video before they are encoded, one token a frame, [F, D]: a small grey picture of
 * each, values from 0 to 1. What is dropped here is not encoded.
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
   * All frames of a clip, in the order of time.
   *
   * @param grey a small grey picture of each, [F, D]
   * @param seconds when each is shown, [F]
   * @param motion how far things move from the frame before to this one, as a share of the
   *     picture's width, [F]; 0 for the first
   * @throws IllegalArgumentException when the lengths differ
   */
  public static FrameTokens of(Matrix grey, double[] seconds, float[] motion) {
    int n = grey.rows();
    if (seconds.length != n || motion.length != n) {
      throw new IllegalArgumentException(
          "%d frames came with %d times and %d motions"
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

  /** When each frame is shown, [F]. */
  public double[] seconds() {
    return seconds.clone();
  }

  /**
   * How far things move from the frame before to each one, as a share of the picture's width, [F];
   * frames that were dropped between them count.
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

  /** How many operations {@link #difference} takes, {@link Operations}. */
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
