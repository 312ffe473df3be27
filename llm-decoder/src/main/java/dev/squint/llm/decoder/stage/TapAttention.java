package dev.squint.llm.decoder.stage;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PackedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Attention computed from queries and keys that a stage shows, heads in parallel. Only keys that a
 * query may see are multiplied.
 */
final class TapAttention {

  /** Queries that go over a block of keys while it is near the processor. */
  private static final int TOGETHER = 16;

  private TapAttention() {}

  /**
   * Attention of some tokens, one matrix [H, T] for each.
   *
   * @param queries rotated and scaled, one matrix [R, d] a head
   * @param rows which of the T tokens ask, ascending, [R]
   * @param keys one matrix [T, d] a key head; each serves as many query heads in a row
   * @param sight which keys they see
   */
  static List<Matrix> of(
      List<Matrix> queries, int[] rows, List<Matrix> keys, AttentionVisibility sight) {
    int heads = queries.size();
    int tokens = keys.get(0).rows();
    float[][] attention = new float[rows.length][heads * tokens];
    attend(
        queries,
        rows,
        keys,
        sight,
        head ->
            (row, line, at, start, end) ->
                System.arraycopy(
                    line, at + start, attention[row], head * tokens + start, end - start));
    return Arrays.stream(attention).map(values -> new Matrix(heads, tokens, values)).toList();
  }

  /**
   * Attention that each token receives from all that ask, summed over these and over the query
   * heads of its key head, [key heads, T]. Parameters as above.
   */
  static Matrix received(
      List<Matrix> queries, int[] rows, List<Matrix> keys, AttentionVisibility sight) {
    int heads = queries.size();
    int tokens = keys.get(0).rows();
    float[][] perHead = new float[heads][tokens];
    attend(
        queries,
        rows,
        keys,
        sight,
        head ->
            (row, line, at, start, end) -> {
              for (int t = start; t < end; t++) {
                perHead[head][t] += line[at + t];
              }
            });
    float[] sums = new float[keys.size() * tokens];
    for (int head = 0; head < heads; head++) {
      int into = head / (heads / keys.size()) * tokens;
      for (int t = 0; t < tokens; t++) {
        sums[into + t] += perHead[head][t];
      }
    }
    return new Matrix(keys.size(), tokens, sums);
  }

  /** The attention of all heads in parallel; each head has a receiver of its own. */
  private static void attend(
      List<Matrix> queries,
      int[] rows,
      List<Matrix> keys,
      AttentionVisibility sight,
      IntFunction<Receiver> receivers) {
    int heads = queries.size();
    int tokens = keys.get(0).rows();
    List<PackedRows> packed = keys.parallelStream().map(PackedRows::new).toList();
    IntStream.range(0, heads)
        .parallel()
        .forEach(
            head ->
                attend(
                    queries.get(head),
                    rows,
                    packed.get(head / (heads / keys.size())),
                    tokens,
                    sight,
                    head,
                    receivers.apply(head)));
  }

  /** Takes the attention of one query. */
  @FunctionalInterface
  private interface Receiver {

    /**
     * @param row number among the queries
     * @param line attention to key t at {@code at + t}, for keys from start up to end; no other is
     *     seen
     */
    void take(int row, float[] line, int at, int start, int end);
  }

  /** The attention of one head, query by query. */
  private static void attend(
      Matrix queries,
      int[] rows,
      PackedRows keys,
      int tokens,
      AttentionVisibility sight,
      int head,
      Receiver receiver) {
    int width = keys.blocks() * PackedRows.BLOCK;
    float[] lines = new float[TOGETHER * width];
    float[] products = new float[PackedRows.BLOCK];
    for (int from = 0; from < rows.length; from += TOGETHER) {
      int to = Math.min(rows.length, from + TOGETHER);
      int last = (sight.end(rows[to - 1], tokens) - 1) / PackedRows.BLOCK;
      for (int block = sight.start(rows[from]) / PackedRows.BLOCK; block <= last; block++) {
        for (int row = from; row < to; row++) {
          keys.dot(queries, row, block, products);
          System.arraycopy(
              products, 0, lines, (row - from) * width + block * PackedRows.BLOCK, products.length);
        }
      }
      for (int row = from; row < to; row++) {
        int at = (row - from) * width;
        int start = sight.start(rows[row]);
        int end = sight.end(rows[row], tokens);
        sight.look(lines, at, head, row, start, end);
        softmax(lines, at + start, at + end);
        receiver.take(row, lines, at, start, end);
      }
    }
  }

  /**
   * Logits before the softmax, H times [R, T]; negative infinity where a query does not see a key.
   * Parameters as above.
   */
  static List<Matrix> logits(
      List<Matrix> queries, int[] rows, List<Matrix> keys, AttentionVisibility sight) {
    List<Matrix> perHead = new ArrayList<>();
    for (int head = 0; head < queries.size(); head++) {
      perHead.add(logits(queries, rows, keys, sight, head));
    }
    return perHead;
  }

  private static Matrix logits(
      List<Matrix> queries, int[] rows, List<Matrix> keys, AttentionVisibility sight, int head) {
    Matrix logits =
        queries.get(head).timesTransposed(keys.get(head / (queries.size() / keys.size())));
    int tokens = logits.cols();
    float[] values = logits.data();
    for (int row = 0; row < rows.length; row++) {
      int from = row * tokens;
      int start = sight.start(rows[row]);
      int end = sight.end(rows[row], tokens);
      Arrays.fill(values, from, from + start, Float.NEGATIVE_INFINITY);
      Arrays.fill(values, from + end, from + tokens, Float.NEGATIVE_INFINITY);
      sight.look(values, from, head, row, start, end);
    }
    return logits;
  }

  /** Loops that do one thing each, so that the JIT compiler vectorises them. */
  private static void softmax(float[] values, int from, int to) {
    float highest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      highest = values[i] > highest ? values[i] : highest;
    }
    if (highest == Float.NEGATIVE_INFINITY) {
      Arrays.fill(values, from, to, 0);
      return;
    }
    for (int i = from; i < to; i++) {
      values[i] = power(values[i] - highest);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    float part = (float) (1 / sum);
    for (int i = from; i < to; i++) {
      values[i] *= part;
    }
  }

  /**
   * e to the power of a number that is not above 0, less 3e-7 or more at most. Taylor's polynomial
   * gives e^(x/128) - 1, and squaring e^x without its 1 seven times loses no digits. {@link
   * Math#exp} takes several times as long.
   */
  private static float power(float number) {
    float x = Math.max(number, -100) / 128;
    float q = x * (1 + x * (0.5f + x * (0.16666667f + x * (0.041666668f + x * 0.008333334f))));
    q *= 2 + q;
    q *= 2 + q;
    q *= 2 + q;
    q *= 2 + q;
    q *= 2 + q;
    q *= 2 + q;
    q *= 2 + q;
    return 1 + q;
  }
}
