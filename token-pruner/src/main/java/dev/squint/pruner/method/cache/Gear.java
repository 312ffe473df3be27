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
 * Keeps all rows as low-bit codes, with the largest and smallest elements as floats and a low-rank
 * approximation of the quantization error. GEAR (arXiv 2403.05527). Keys are quantized by channel
 * in groups of rows, values by row in groups of channels.
 *
 * @param bits bits of a code, 1 to 8
 * @param group elements that share a step
 * @param outliers share of the elements that are stored as floats
 * @param rank rank of the approximation of each head; 0 for none
 * @param rounds rounds of its power iteration
 * @param every number of new tokens that are collected before they are quantized
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

  /** For keys and for values: codes, the means that replace outliers, the quantization error. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    double heads = cache.heads();
    double rows = cache.rows();
    double size = cache.keys().get(0).cols();
    double elements = heads * rows * size;
    double codes = QuantizedMatrix.OPERATIONS * elements + (outliers > 0 ? elements : 0);
    // The quantization error is known after dequantization.
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

  /** The heads after storing and reading back: codes, outliers and the approximated error. */
  List<Matrix> recovered(List<Matrix> heads, boolean keys, IntFunction<Matrix> start) {
    return Lines.of(this, heads, keys, start).read();
  }

  /** The dequantized heads, [N, d] each. */
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

  /** Number of outliers in a line of keys or values, as the authors' code counts. */
  private int outliersOfALine(int rows, int cols) {
    return (int) ((double) (int) ((double) rows * cols * outliers) / rows / 2);
  }

  /** For each head an approximation of its quantization error. */
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

  /** Keys or values of all heads as codes, and for each head the approximated error. */
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
