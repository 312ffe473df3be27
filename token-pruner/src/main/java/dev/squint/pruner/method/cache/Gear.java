package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CacheStorage;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.StoredRows;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Keeps all rows in codes of few bits, the largest and smallest elements as they are, and an
 * approximation of low rank of what the codes lose. GEAR (arXiv 2403.05527), as rows have come
 * together. Keys are coded by channel in groups of rows, values by row in groups of channels.
 *
 * @param bits of a code
 * @param group elements that share a step
 * @param outliers share of the elements that are stored as they are
 * @param rank of the approximation, for each head
 * @param rounds of its power iteration
 * @param every after how many new tokens they are coded
 */
public record Gear(int bits, int group, double outliers, int rank, int rounds, int every)
    implements CachePolicy, CacheStorage {
  public Gear {
    if (bits < 1 || bits > 8 || group < 1 || rank < 0 || rounds < 1 || every < 1) {
      throw new IllegalArgumentException(
          "bits must be in [1, 8], rank at least 0, group, rounds and every at least 1 but were %d, %d, %d, %d and %d"
              .formatted(bits, rank, group, rounds, every));
    }
    if (!(outliers >= 0 && outliers < 1)) {
      throw new IllegalArgumentException("outliers must be in [0, 1) but was " + outliers);
    }
  }

  @Override
  public boolean stores() {
    return true;
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    return CacheDecision.stored(cache, this);
  }

  /** Of keys and of values: codes, the means that stand for outliers, what the codes lose. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    double heads = cache.heads();
    double rows = cache.rows();
    double size = cache.keys().get(0).cols();
    double elements = heads * rows * size;
    double codes = QuantizedMatrix.OPERATIONS * elements + (outliers > 0 ? elements : 0);
    // What the codes lose is known after they are read back.
    double lost =
        rank == 0 ? 0 : 3 * elements + heads * LowRank.operations(rows, size, rank, rounds);
    return 2 * (codes + lost);
  }

  @Override
  public StoredRows store(CachedTokens cache) {
    IntFunction<Matrix> start = head -> start(head, cache.keys().get(0).cols());
    return new Stored(
        Lines.of(this, cache.keys(), true, start), Lines.of(this, cache.values(), false, start));
  }

  /** Heads as they are read back: coded, with outliers, with what the codes lose. */
  List<Matrix> recovered(List<Matrix> heads, boolean keys, IntFunction<Matrix> start) {
    return Lines.of(this, heads, keys, start).read();
  }

  /** Heads as the codes have them, [N, d] each. */
  List<Matrix> coded(List<Matrix> heads, boolean keys, boolean keepOutliers) {
    CodedLines lines = codes(heads, keys, keepOutliers);
    return HeadRows.split(keys ? LowRank.transposed(lines.read()) : lines.read(), heads.size());
  }

  private CodedLines codes(List<Matrix> heads, boolean keys, boolean keepOutliers) {
    Matrix rows = HeadRows.joined(heads);
    return CodedLines.of(
        keys ? LowRank.transposed(rows) : rows,
        bits,
        group,
        keepOutliers ? outliersOfALine(rows.rows(), rows.cols()) : 0);
  }

  /** Largest and smallest elements of a line of keys or values that stay; as the authors count. */
  private int outliersOfALine(int rows, int cols) {
    return (int) ((double) (int) ((double) rows * cols * outliers) / rows / 2);
  }

  /** For each head an approximation of what its codes lose. */
  List<LowRank> lost(List<Matrix> heads, List<Matrix> coded, IntFunction<Matrix> start) {
    List<LowRank> lost = new ArrayList<>();
    for (int h = 0; h < heads.size(); h++) {
      float[] difference = heads.get(h).data().clone();
      for (int i = 0; i < difference.length; i++) {
        difference[i] -= coded.get(h).data()[i];
      }
      Matrix of = new Matrix(heads.get(h).rows(), heads.get(h).cols(), difference);
      lost.add(LowRank.of(of, start.apply(h), rounds));
    }
    return lost;
  }

  static Matrix sum(Matrix rows, Matrix more) {
    float[] sum = rows.data().clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more.data()[i];
    }
    return new Matrix(rows.rows(), rows.cols(), sum);
  }

  private Matrix start(int head, int channels) {
    SplittableRandom random = new SplittableRandom(head);
    float[] values = new float[channels * rank];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return new Matrix(channels, rank, values);
  }

  private record Stored(Lines keyLines, Lines valueLines) implements StoredRows {

    @Override
    public List<Matrix> keys() {
      return keyLines.read();
    }

    @Override
    public List<Matrix> values() {
      return valueLines.read();
    }

    @Override
    public long bytes() {
      return keyLines.bytes() + valueLines.bytes();
    }
  }

  /** Keys or values of all heads in codes, and for each head what the codes lose. */
  private record Lines(Gear gear, int heads, boolean keys, CodedLines codes, List<LowRank> lost) {

    static Lines of(Gear gear, List<Matrix> heads, boolean keys, IntFunction<Matrix> start) {
      CodedLines codes = gear.codes(heads, keys, gear.outliers > 0);
      Lines lines = new Lines(gear, heads.size(), keys, codes, List.of());
      return gear.rank == 0
          ? lines
          : new Lines(gear, heads.size(), keys, codes, gear.lost(heads, lines.read(), start));
    }

    List<Matrix> read() {
      Matrix read = keys ? LowRank.transposed(codes.read()) : codes.read();
      List<Matrix> split = HeadRows.split(read, heads);
      if (lost.isEmpty()) {
        return split;
      }
      List<Matrix> whole = new ArrayList<>();
      for (int h = 0; h < heads; h++) {
        whole.add(sum(split.get(h), lost.get(h).product()));
      }
      return whole;
    }

    long bytes() {
      return codes.bytes() + lost.stream().mapToLong(LowRank::bytes).sum();
    }
  }
}
