package dev.squint.llm.decoder;

import dev.squint.pruner.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Attention computed from queries and keys that a stage shows. */
final class TapAttention {

  private TapAttention() {}

  /**
   * Attention of some tokens, one matrix [H, T] for each.
   *
   * @param queries rotated and scaled, one matrix [R, d] a head
   * @param rows which of the T tokens ask, ascending, [R]
   * @param keys one matrix [T, d] a key head; each serves as many query heads in a row
   * @param sight which keys they see
   */
  static List<Matrix> of(List<Matrix> queries, int[] rows, List<Matrix> keys, Sight sight) {
    int heads = queries.size();
    int tokens = keys.get(0).rows();
    List<float[]> attention = new ArrayList<>();
    for (int row = 0; row < rows.length; row++) {
      attention.add(new float[heads * tokens]);
    }
    List<Matrix> logits = logits(queries, rows, keys, sight);
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < rows.length; row++) {
        softmax(logits.get(head), row, attention.get(row), head * tokens);
      }
    }
    return attention.stream().map(values -> new Matrix(heads, tokens, values)).toList();
  }

  /**
   * Logits before the softmax, H times [R, T]; negative infinity where a query does not see a key.
   * Parameters as above.
   */
  static List<Matrix> logits(List<Matrix> queries, int[] rows, List<Matrix> keys, Sight sight) {
    List<Matrix> perHead = new ArrayList<>();
    for (int head = 0; head < queries.size(); head++) {
      perHead.add(logits(queries, rows, keys, sight, head));
    }
    return perHead;
  }

  private static Matrix logits(
      List<Matrix> queries, int[] rows, List<Matrix> keys, Sight sight, int head) {
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
      for (int t = start; t < end; t++) {
        values[from + t] = (float) sight.logit(values[from + t], head, row, t);
      }
    }
    return logits;
  }

  /**
   * Attention that each token receives from all that ask, summed over these and over the query
   * heads of its key head, [key heads, T]. Parameters as above.
   */
  static Matrix received(List<Matrix> queries, int[] rows, List<Matrix> keys, Sight sight) {
    int heads = queries.size();
    int group = heads / keys.size();
    int tokens = keys.get(0).rows();
    float[] sums = new float[keys.size() * tokens];
    float[] attention = new float[tokens];
    for (int head = 0; head < heads; head++) {
      Matrix logits = logits(queries, rows, keys, sight, head);
      for (int row = 0; row < rows.length; row++) {
        softmax(logits, row, attention, 0);
        int into = head / group * tokens;
        for (int t = 0; t < tokens; t++) {
          sums[into + t] += attention[t];
        }
      }
    }
    return new Matrix(keys.size(), tokens, sums);
  }

  private static void softmax(Matrix logits, int row, float[] into, int at) {
    float[] values = logits.data();
    int tokens = logits.cols();
    int from = row * tokens;
    float highest = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < tokens; t++) {
      highest = Math.max(highest, values[from + t]);
    }
    double sum = 0;
    for (int t = 0; t < tokens; t++) {
      float logit = values[from + t];
      double weight = logit == Float.NEGATIVE_INFINITY ? 0 : Math.exp(logit - (double) highest);
      into[at + t] = (float) weight;
      sum += weight;
    }
    for (int t = 0; t < tokens && sum > 0; t++) {
      into[at + t] = (float) (into[at + t] / sum);
    }
  }
}
