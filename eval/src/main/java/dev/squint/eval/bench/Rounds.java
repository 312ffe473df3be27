package dev.squint.eval.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What several things took, round by round.
 *
 * @param values figures of each thing in each round, [things][rounds][figures]
 */
record Rounds(List<List<double[]>> values) {

  /**
   * Runs things in turn, each round beginning with the next one; a first round to warm up is not
   * counted.
   *
   * @param things each gives the figures that it measured of itself
   */
  static Rounds interleaved(int rounds, List<Supplier<double[]>> things) {
    return from(-1, rounds, things);
  }

  /** The same without a round to warm up, for what takes long. */
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

  /** Median of a figure of a thing. */
  double median(int thing, int figure) {
    return median(values.get(thing).stream().mapToDouble(round -> round[figure]).toArray());
  }

  /** Median over the rounds of a thing's figure by another's in the same round. */
  double ratio(int thing, int base, int figure) {
    return median(
        IntStream.range(0, values.get(thing).size())
            .mapToDouble(
                round -> values.get(thing).get(round)[figure] / values.get(base).get(round)[figure])
            .toArray());
  }

  /** Median over the rounds of one figure of a thing by another. */
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
