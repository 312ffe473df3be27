package dev.squint.eval.metric;

import java.util.function.IntPredicate;

/**
 * What a sample says about the questions that it was drawn from. The answers do not change; only
 * the drawing is random, without putting back. So the number of right answers in the sample has a
 * hypergeometric distribution, however much answers about one picture depend on each other.
 */
public final class SampledShare {

  private SampledShare() {}

  /**
   * Returns the share of right answers in the sample, with the exact interval (Clopper-Pearson's
   * construction) of the share among all questions. The interval of a sample that holds all
   * questions is one point. Partial scores count as rounded down for the lower bound, and up for
   * the upper one.
   *
   * @param right sum of the sample's scores, each in [0, 1]
   * @param asked size of the sample, at least 1
   * @param all number of questions that it was drawn from
   * @param doubt probability that the share among all questions is outside of the interval
   */
  public static Interval of(double right, int asked, int all, double doubt) {
    if (asked < 1 || asked > all || right < 0 || right > asked) {
      throw new IllegalArgumentException(
          "%s right answers of %d asked of %d questions are no sample"
              .formatted(right, asked, all));
    }
    if (asked == all) {
      return new Interval(right / asked, right / asked, right / asked);
    }
    double[] logs = logFactorials(all);
    int least = (int) Math.floor(right);
    int most = (int) Math.ceil(right);
    int low =
        first(
            least,
            all - asked + least,
            total -> tail(logs, all, total, asked, least, asked) > doubt / 2);
    int high =
        first(
                most,
                all - asked + most,
                total -> tail(logs, all, total, asked, 0, most) <= doubt / 2)
            - 1;
    return new Interval(right / asked, (double) low / all, (double) high / all);
  }

  /** The first number in [from, to] that fulfils a condition, and all after it; else to + 1. */
  private static int first(int from, int to, IntPredicate condition) {
    int low = from;
    int high = to + 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (condition.test(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Probability of from to to right answers in the sample, if total of all answers are right. */
  private static double tail(double[] logs, int all, int total, int asked, int from, int to) {
    double sum = 0;
    for (int k = Math.max(from, asked - (all - total)); k <= Math.min(to, total); k++) {
      sum +=
          Math.exp(
              choose(logs, total, k)
                  + choose(logs, all - total, asked - k)
                  - choose(logs, all, asked));
    }
    return sum;
  }

  private static double choose(double[] logs, int n, int k) {
    return logs[n] - logs[k] - logs[n - k];
  }

  private static double[] logFactorials(int most) {
    double[] logs = new double[most + 1];
    for (int i = 1; i <= most; i++) {
      logs[i] = logs[i - 1] + Math.log(i);
    }
    return logs;
  }
}
