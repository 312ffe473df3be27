package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.maths.DensityPeaks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Cuts a clip into segments of similar frames. Each frame keeps its most attended tokens; the other
 * tokens of a segment are merged into dense ones of its anchor frames. FastVID (arXiv 2503.11187).
 * A tile counts as a frame.
 *
 * <p>A segment ends at the {@code segments - 1} frames that are least like the next one, and
 * wherever their cosine is below the threshold. Frames are compared by the means of their tokens,
 * as the authors do for encoders without a pooling head. Anchor frames are every {@code period}-th
 * of a segment, counted back from its last one; with a period of 1, each frame is merged by itself.
 *
 * @param segments least number of segments, where there are as many frames
 * @param threshold cosine of frames below which a segment ends
 * @param context share of the budget for merged tokens
 * @param period frames from one anchor frame to the next
 * @param beta least weight of a merged token's own features
 */
public record FastVid(int segments, double threshold, double context, int period, double beta)
    implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final int NEIGHBOURS = 4;

  public FastVid {
    if (segments < 1 || period < 1) {
      throw new IllegalArgumentException(
          "segments and period must be at least 1 but were %d and %d".formatted(segments, period));
    }
    if (!(context >= 0 && context <= 1 && beta >= 0 && beta <= 1)) {
      throw new IllegalArgumentException(
          "context and beta must be in [0, 1] but were %s and %s".formatted(context, beta));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    List<int[]> frames = VidCom2.frames(tokens);
    float[] attention = tokens.evidence(ATTENTION).meanOverHeads();
    MixedTokens result = new MixedTokens(n);
    for (Segment segment : segments(tokens.features(), frames, total)) {
      segment.prune(frames, attention, tokens.features(), beta, result);
    }
    return result.build();
  }

  /**
   * Means over heads; frames' means and their cosines; in segments with merged tokens unit rows of
   * what is not kept, densities in the anchor frames, and cosines with their dense tokens.
   */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int n = tokens.size();
    int size = tokens.features().cols();
    List<int[]> frames = VidCom2.frames(tokens);
    double all =
        Operations.columnMeans(tokens.evidence(ATTENTION).perHead().rows(), n)
            + (double) n * size
            + Operations.unitRows(frames.size(), size)
            + 2.0 * (frames.size() - 1) * size;
    for (Segment segment : segments(tokens.features(), frames, budget.tokens(n))) {
      all += segment.operations(size);
    }
    return all;
  }

  /** The segments, each with the shares of its frames. */
  private List<Segment> segments(Matrix features, List<int[]> frames, int total) {
    int[] sizes = frames.stream().mapToInt(frame -> frame.length).toArray();
    int[] shares = Apportionment.even(total, sizes);
    List<Segment> segments = new ArrayList<>();
    int first = 0;
    for (int end : ends(features, frames)) {
      segments.add(
          Segment.of(
              first,
              Arrays.copyOfRange(sizes, first, end),
              Arrays.copyOfRange(shares, first, end),
              context,
              period));
      first = end;
    }
    return segments;
  }

  /** For each segment the frame after its last one, ascending. */
  int[] ends(Matrix features, List<int[]> frames) {
    int count = frames.size();
    if (period == 1) {
      return IntStream.rangeClosed(1, count).toArray();
    }
    Matrix means = Places.means(features, frames).unitRows();
    float[] unlike = new float[Math.max(0, count - 1)];
    for (int f = 0; f < unlike.length; f++) {
      for (int c = 0; c < means.cols(); c++) {
        unlike[f] -= means.get(f, c) * means.get(f + 1, c);
      }
    }
    boolean[] ends = new boolean[count];
    ends[count - 1] = true;
    for (int f : Ranking.best(unlike, Math.min(segments - 1, unlike.length))) {
      ends[f] = true;
    }
    for (int f = 0; f < unlike.length; f++) {
      ends[f] |= -unlike[f] < threshold;
    }
    return IntStream.range(0, count).filter(f -> ends[f]).map(f -> f + 1).toArray();
  }

  /**
   * Frames of one segment.
   *
   * @param first its first frame
   * @param sizes number of tokens of each frame
   * @param salient number of tokens that each frame keeps by attention
   * @param merged number of tokens into which others are merged; 0 but in anchor frames
   */
  private record Segment(int first, int[] sizes, int[] salient, int[] merged) {

    static Segment of(int first, int[] sizes, int[] shares, double context, int period) {
      int count = sizes.length;
      int[] own = IntStream.of(shares).map(share -> (int) (share * context)).toArray();
      int[] salient = IntStream.range(0, count).map(f -> shares[f] - own[f]).toArray();
      double[] anchor = new double[count];
      int[] room = new int[count];
      int[] others = new int[count];
      for (int f = 0; f < count; f++) {
        anchor[f] = (count - 1 - f) % period == 0 ? 1 : 0;
        room[f] = anchor[f] > 0 ? sizes[f] - salient[f] : 0;
        others[f] = anchor[f] > 0 ? 0 : sizes[f] - salient[f];
      }
      int total = IntStream.of(own).sum();
      int fits = Math.min(total, IntStream.of(room).sum());
      int[] merged = Apportionment.share(fits, anchor, room);
      // What the anchor frames have no room for is kept by attention in the others.
      int[] more = Apportionment.even(total - fits, others);
      Arrays.setAll(salient, f -> salient[f] + more[f]);
      return new Segment(first, sizes, salient, merged);
    }

    void prune(
        List<int[]> frames, float[] attention, Matrix features, double beta, MixedTokens result) {
      List<int[]> left = new ArrayList<>();
      for (int f = 0; f < sizes.length; f++) {
        int[] frame = frames.get(first + f);
        float[] own = new float[frame.length];
        for (int i = 0; i < own.length; i++) {
          own[i] = attention[frame[i]];
        }
        int[] order = Ranking.descending(own);
        IntStream.of(order).limit(salient[f]).forEach(i -> result.keep(frame[i]));
        left.add(IntStream.of(order).skip(salient[f]).sorted().map(i -> frame[i]).toArray());
      }
      if (IntStream.of(merged).sum() == 0) {
        return;
      }
      int[] pool = left.stream().flatMapToInt(IntStream::of).toArray();
      Matrix unit = features.rows(pool).unitRows();
      for (int f = 0; f < sizes.length; f++) {
        if (merged[f] > 0) {
          int[] frame = left.get(f);
          float[] scores =
              DensityPeaks.scores(features.rows(frame), Math.min(NEIGHBOURS, frame.length));
          int[] dense = IntStream.of(Ranking.best(scores, merged[f])).map(i -> frame[i]).toArray();
          merge(dense, pool, unit.timesTransposed(features.rows(dense).unitRows()), beta, result);
        }
      }
    }

    /** Merges every token of the pool into the dense token that it is most similar to. */
    private static void merge(
        int[] dense, int[] pool, Matrix likeness, double beta, MixedTokens result) {
      List<List<Integer>> members = new ArrayList<>();
      IntStream.of(dense).forEach(token -> members.add(new ArrayList<>()));
      for (int i = 0; i < pool.length; i++) {
        members.get(Ranking.descending(likeness.row(i))[0]).add(pool[i]);
      }
      for (int d = 0; d < dense.length; d++) {
        int[] tokens = members.get(d).stream().mapToInt(Integer::intValue).toArray();
        result.addAround(dense[d], Math.max(1.0 / (tokens.length + 1), beta), tokens);
      }
    }

    double operations(int size) {
      int pool = IntStream.of(sizes).sum() - IntStream.of(salient).sum();
      double all = IntStream.of(merged).sum() == 0 ? 0 : Operations.unitRows(pool, size);
      for (int f = 0; f < sizes.length; f++) {
        int left = sizes[f] - salient[f];
        if (merged[f] > 0) {
          all +=
              DensityPeaks.operations(left, Math.min(NEIGHBOURS, left), size)
                  + Operations.dots(pool, merged[f], size);
        }
      }
      return all;
    }
  }
}
