package dev.squint.eval.calibrate;

import dev.squint.eval.metric.Interval;

/**
 * How many pictures of a set are flagged as unlike the training data.
 *
 * @param set name of the set
 * @param like whether the set is like the training data
 * @param pictures number of pictures
 * @param outside number of flagged pictures
 */
public record DomainRate(String set, boolean like, int pictures, int outside) {

  private static final double QUANTILE = 1.959964;

  /** Share of flagged pictures. */
  public double share() {
    return (double) outside / pictures;
  }

  /** Wilson's 95 % interval of the share, for independent pictures. */
  public Interval interval() {
    double n = pictures;
    double z2 = QUANTILE * QUANTILE;
    double centre = (share() + z2 / (2 * n)) / (1 + z2 / n);
    double half =
        QUANTILE / (1 + z2 / n) * Math.sqrt(share() * (1 - share()) / n + z2 / (4 * n * n));
    return new Interval(share(), Math.max(0, centre - half), Math.min(1, centre + half));
  }
}
