package dev.squint.pruner;

import java.util.stream.IntStream;

/** Divides a number of tokens among tiles or frames. */
public final class Apportionment {
  private Apportionment() {}

  /**
   * Divides {@code total} in proportion to the weights. No share exceeds its capacity. Rounding
   * follows the largest remainders; ties go to the earlier share. The shares add up to {@code
   * total}.
   *
   * @throws IllegalArgumentException when total exceeds the sum of the capacities
   */
  public static int[] share(int total, double[] weights, int[] capacities) {
    int room = IntStream.of(capacities).sum();
    if (total < 0 || total > room) {
      throw new IllegalArgumentException(
          "cannot divide %d tokens: all capacities together are %d; give a smaller total"
              .formatted(total, room));
    }
    double[] quotas = quotas(total, weights, capacities);
    int[] shares = new int[quotas.length];
    float[] remainders = new float[quotas.length];
    int left = total;
    for (int i = 0; i < shares.length; i++) {
      // The tolerance keeps 2.9999999999 from being two tokens and a remainder.
      shares[i] = Math.min(capacities[i], (int) Math.floor(quotas[i] + 1e-9));
      left -= shares[i];
      remainders[i] = shares[i] < capacities[i] ? (float) (quotas[i] - shares[i]) : -1;
    }
    for (int i : Ranking.best(remainders, left)) {
      shares[i]++;
    }
    return shares;
  }

  /** Divides {@code total} in proportion to the capacities. */
  public static int[] even(int total, int[] capacities) {
    return share(total, IntStream.of(capacities).asDoubleStream().toArray(), capacities);
  }

  /**
   * Real-valued shares. A share above its capacity is set to the capacity, and the excess is
   * divided among the others.
   */
  private static double[] quotas(int total, double[] weights, int[] capacities) {
    int n = weights.length;
    double[] quotas = new double[n];
    boolean[] full = new boolean[n];
    double left = total;
    for (boolean again = true; again; ) {
      again = false;
      double sum = 0;
      double room = 0;
      for (int i = 0; i < n; i++) {
        sum += full[i] ? 0 : weights[i];
        room += full[i] ? 0 : capacities[i];
      }
      double share = left;
      for (int i = 0; i < n; i++) {
        if (!full[i]) {
          // All remaining weights are 0: divide by free capacity.
          quotas[i] =
              sum > 0 ? share * weights[i] / sum : room > 0 ? share * capacities[i] / room : 0;
          if (quotas[i] > capacities[i]) {
            quotas[i] = capacities[i];
            full[i] = true;
            left -= capacities[i];
            again = true;
          }
        }
      }
    }
    return quotas;
  }
}
