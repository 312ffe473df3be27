package dev.squint.llm.decoder;

import dev.squint.pruner.Matrix;
import java.util.ArrayList;
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
   * @param window how many of the newest tokens a query sees, itself among them; 0 for all
   * @param softcap bound that logits are squeezed into; 0 for none
   */
  static List<Matrix> of(
      List<Matrix> queries, int[] rows, List<Matrix> keys, int window, float softcap) {
    int heads = queries.size();
    int tokens = keys.get(0).rows();
    List<float[]> attention = new ArrayList<>();
    for (int row = 0; row < rows.length; row++) {
      attention.add(new float[heads * tokens]);
    }
    for (int head = 0; head < heads; head++) {
      Matrix logits = queries.get(head).timesTransposed(keys.get(head / (heads / keys.size())));
      for (int row = 0; row < rows.length; row++) {
        int end = rows[row] + 1;
        int start = window == 0 ? 0 : Math.max(0, end - window);
        softmax(logits, row, start, end, softcap, attention.get(row), head * tokens);
      }
    }
    return attention.stream().map(values -> new Matrix(heads, tokens, values)).toList();
  }

  /**
   * Logits before the softmax, H times [R, T]; negative infinity where a query does not see a key.
   * Parameters as above.
   */
  static List<Matrix> logits(
      List<Matrix> queries, int[] rows, List<Matrix> keys, int window, float softcap) {
    int heads = queries.size();
    List<Matrix> perHead = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      Matrix logits = queries.get(head).timesTransposed(keys.get(head / (heads / keys.size())));
      float[] values = logits.data();
      for (int row = 0; row < rows.length; row++) {
        for (int t = 0; t < logits.cols(); t++) {
          boolean seen = t <= rows[row] && (window == 0 || t > rows[row] - window);
          int at = row * logits.cols() + t;
          values[at] = seen ? (float) capped(values[at], softcap) : Float.NEGATIVE_INFINITY;
        }
      }
      perHead.add(logits);
    }
    return perHead;
  }

  /**
   * Attention that each token receives from all that ask, summed over these and over the query
   * heads of its key head, [key heads, T]. Parameters as above.
   */
  static Matrix received(
      List<Matrix> queries, int[] rows, List<Matrix> keys, int window, float softcap) {
    int heads = queries.size();
    int group = heads / keys.size();
    int tokens = keys.get(0).rows();
    float[] sums = new float[keys.size() * tokens];
    float[] attention = new float[tokens];
    for (int head = 0; head < heads; head++) {
      Matrix logits = queries.get(head).timesTransposed(keys.get(head / group));
      for (int row = 0; row < rows.length; row++) {
        int end = rows[row] + 1;
        int start = window == 0 ? 0 : Math.max(0, end - window);
        softmax(logits, row, start, end, softcap, attention, 0);
        int into = head / group * tokens;
        for (int t = start; t < end; t++) {
          sums[into + t] += attention[t];
        }
      }
    }
    return new Matrix(keys.size(), tokens, sums);
  }

  private static void softmax(
      Matrix logits, int row, int start, int end, float softcap, float[] into, int at) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int t = start; t < end; t++) {
      highest = Math.max(highest, capped(logits.get(row, t), softcap));
    }
    double sum = 0;
    for (int t = start; t < end; t++) {
      double weight = Math.exp(capped(logits.get(row, t), softcap) - highest);
      into[at + t] = (float) weight;
      sum += weight;
    }
    for (int t = start; t < end; t++) {
      into[at + t] = (float) (into[at + t] / sum);
    }
  }

  private static double capped(float logit, float softcap) {
    return softcap == 0 ? logit : softcap * Math.tanh(logit / softcap);
  }
}
