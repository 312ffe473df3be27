package dev.squint.eval.metric;

/**
 * A mean and the bounds between which it lies with 95 % confidence.
 *
 * @param value the mean
 * @param low lower bound
 * @param high upper bound
 */
public record Interval(double value, double low, double high) {}
