package dev.squint.eval.metric;

/**
 * A mean with its 95 % confidence interval.
 *
 * @param value the mean
 * @param low lower bound
 * @param high upper bound
 */
public record Interval(double value, double low, double high) {}
