package dev.squint.eval.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Figures of several subjects, measured in rounds.
 *
 * @param values figures, [subjects][rounds][figures]
 */
record Rounds(List<List<double[]>> values) {

  /**
   * Measures the subjects in turn, after one unrecorded warm-up round. Each round starts with
   * another subject.
   *
   * @param things each measures one round and returns its figures
   */
  static Rounds interleaved(int rounds, List<Supplier<double[]>> things) {
    return from(-1, rounds, things);
  }

  /** Measures without a warm-up round, for slow subjects. */
  static Rounds cold(int rounds, List<Supplier<double[]>> things) {
    return from(0, rounds, things);
  }

  private static Rounds from(int first, int rounds, List<Supplier<double[]>> things) {
    List<List<double[]>> values = new ArrayList<>();
    things.forEach(thing -> values.add(new ArrayList<>()));
    for (int round = first; round < rounds; round++) {
      for (int i = 0; i < things.size(); i++) {
        int thing = Math.floorMod(round + i, things.size());
        double[] figures = things.get(thing).get();
        if (round >= 0) {
          values.get(thing).add(figures);
        }
      }
    }
    return new Rounds(values);
  }

  /** Returns the median of a figure of one subject. */
  double median(int thing, int figure) {
    return median(values.get(thing).stream().mapToDouble(round -> round[figure]).toArray());
  }

  /**
   * Returns the median over the rounds of one subject's figure divided by another subject's in the
   * same round.
   */
  double ratio(int thing, int base, int figure) {
    return median(
        IntStream.range(0, values.get(thing).size())
            .mapToDouble(
                round -> values.get(thing).get(round)[figure] / values.get(base).get(round)[figure])
            .toArray());
  }

  /** Returns the median over the rounds of one figure of a subject divided by another. */
  double share(int thing, int figure, int of) {
    return median(
        values.get(thing).stream().mapToDouble(round -> round[figure] / round[of]).toArray());
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
