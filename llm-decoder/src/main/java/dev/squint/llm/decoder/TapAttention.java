package dev.squint.llm.decoder;

import dev.squint.pruner.Matrix;
import java.util.ArrayList;
import java.util.List;

/** Attention computed from queries and keys that a stage shows. */
final class TapAttention {

  private TapAttention() {}

  /**
   * Attention of the last tokens, one matrix [H, T] for each.
   *
   * @param queries rotated and scaled, one matrix [R, d] a head, the last R of T tokens
   * @param keys one matrix [T, d] a key head; each serves as many query heads in a row
   * @param window how many of the newest tokens a query sees, itself among them; 0 for all
   * @param softcap bound that logits are squeezed into; 0 for none
   */
  static List<Matrix> of(List<Matrix> queries, List<Matrix> keys, int window, float softcap) {
    int heads = queries.size();
    int rows = queries.get(0).rows();
    int tokens = keys.get(0).rows();
    List<float[]> attention = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      attention.add(new float[heads * tokens]);
    }
    for (int head = 0; head < heads; head++) {
      Matrix logits = queries.get(head).timesTransposed(keys.get(head / (heads / keys.size())));
      for (int row = 0; row < rows; row++) {
        int end = tokens - rows + row + 1;
        int start = window == 0 ? 0 : Math.max(0, end - window);
        softmax(logits, row, start, end, softcap, attention.get(row), head * tokens);
      }
    }
    return attention.stream().map(values -> new Matrix(heads, tokens, values)).toList();
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
