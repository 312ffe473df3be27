package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keeps the tokens of a clip that are least like the mean of their frame and of the clip, and more
 * of them in frames that are less like the clip. Likeness is a sum of Gaussians of the distance, on
 * the half of the features that varies least. VidCom2 (arXiv 2505.14454). A tile counts as a frame.
 *
 * <p>{@link Variant#PAPER}, the default, keeps exactly the budget. {@link Variant#CODE} rounds the
 * share of each frame, which is at least one token.
 *
 * @param variant paper or code
 * @param temperature of the softmax over the frames
 */
public record VidCom2(Variant variant, double temperature) implements Pruner<PatchTokens> {
  private static final double[] WIDTHS = {0.125, 0.25, 0.5, 1, 2};

  public VidCom2 {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    List<int[]> frames = frames(tokens);
    double ratio = budget instanceof Budget.Ratio share ? share.keep() : (double) total / n;
    Likeness likeness = Likeness.of(tokens.features(), frames);
    int[] shares = shares(likeness.scales(ratio, temperature), frames, total);
    IntStream.Builder kept = IntStream.builder();
    for (int f = 0; f < shares.length; f++) {
      int[] frame = frames.get(f);
      float[] unlike = new float[frame.length];
      for (int i = 0; i < frame.length; i++) {
        unlike[i] = (float) -(likeness.toClip[frame[i]] + likeness.toFrame[frame[i]]);
      }
      IntStream.of(Ranking.best(unlike, shares[f])).forEach(i -> kept.add(frame[i]));
    }
    return TokenReduction.keep(n, kept.build().sorted().toArray());
  }

  /**
   * Means and variances of the features; for half of them unit rows, means of clip and frames, and
   * distances to both; then the Gaussians and the shares of the frames.
   */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double n = tokens.size();
    double size = tokens.features().cols();
    double half = Math.max(1, tokens.features().cols() / 2);
    double gaussians = 2 * n * (3 * WIDTHS.length);
    return 4 * n * size
        + n * (3 * half + 2)
        + 2 * n * half
        + 6 * n * half
        + gaussians
        + 2 * n
        + 8.0 * frames(tokens).size();
  }

  /** The tokens of each frame that has some. */
  static List<int[]> frames(PatchTokens tokens) {
    List<int[]> frames = new ArrayList<>();
    for (int t = 0; t < tokens.tiles().size(); t++) {
      int[] frame = tokens.ofTile(t);
      if (frame.length > 0) {
        frames.add(frame);
      }
    }
    return frames;
  }

  private int[] shares(double[] scales, List<int[]> frames, int total) {
    int[] sizes = frames.stream().mapToInt(frame -> frame.length).toArray();
    if (variant == Variant.CODE) {
      return IntStream.range(0, sizes.length)
          .map(f -> Math.max(1, (int) Math.rint((float) scales[f] * sizes[f])))
          .toArray();
    }
    double[] weights = new double[sizes.length];
    Arrays.setAll(weights, f -> scales[f] * sizes[f]);
    return Apportionment.share(total, weights, sizes);
  }

  /**
   * How much each token is like the means, [N] each.
   *
   * @param toClip likeness to the mean of all tokens
   * @param toFrame likeness to the mean of its frame's tokens
   * @param frames tokens of each frame
   */
  record Likeness(double[] toClip, double[] toFrame, List<int[]> frames) {

    static Likeness of(Matrix features, List<int[]> frames) {
      Matrix unit = features.columns(steadiest(features)).unitRows();
      double[] toClip = likeness(unit, unit.columnMeans(), IntStream.range(0, unit.rows()));
      double[] toFrame = new double[unit.rows()];
      for (int[] frame : frames) {
        double[] own = likeness(unit, unit.rows(frame).columnMeans(), IntStream.of(frame));
        for (int i = 0; i < frame.length; i++) {
          toFrame[frame[i]] = own[i];
        }
      }
      return new Likeness(toClip, toFrame, frames);
    }

    /** The half of the columns that varies least, the steadiest first. */
    private static int[] steadiest(Matrix features) {
      float[] means = features.columnMeans();
      float[] steady = new float[features.cols()];
      for (int c = 0; c < steady.length; c++) {
        double square = 0;
        for (int r = 0; r < features.rows(); r++) {
          square += Math.pow(features.get(r, c) - means[c], 2);
        }
        steady[c] = (float) -(square / features.rows());
      }
      return Ranking.best(steady, Math.max(1, steady.length / 2));
    }

    private static double[] likeness(Matrix unit, float[] mean, IntStream tokens) {
      return tokens
          .mapToDouble(
              i -> {
                double square = 0;
                for (int c = 0; c < mean.length; c++) {
                  square += Math.pow(unit.get(i, c) - mean[c], 2);
                }
                double likeness = 0;
                for (double width : WIDTHS) {
                  likeness += Math.exp(-square / (2 * width));
                }
                return likeness;
              })
          .toArray();
    }

    /** Share of its tokens that each frame keeps, [F]. */
    double[] scales(double ratio, double temperature) {
      double[] scores = new double[frames.size()];
      for (int f = 0; f < scores.length; f++) {
        scores[f] = -IntStream.of(frames.get(f)).mapToDouble(i -> toClip[i]).average().orElse(0);
      }
      double most = Arrays.stream(scores).max().orElse(0);
      double sum = 0;
      for (int f = 0; f < scores.length; f++) {
        scores[f] = Math.exp((scores[f] - most) / temperature);
        sum += scores[f];
      }
      for (int f = 0; f < scores.length; f++) {
        scores[f] = Math.min(1, ratio * (1 + scores[f] / sum - 1.0 / scores.length));
      }
      return scores;
    }
  }
}
