package dev.squint.testing;

import java.util.SplittableRandom;

/** Runs a test many times with values drawn from a seed; the seeds differ from run to run. */
public final class RandomTries {

  /** System property with a seed; the test then runs once with it. */
  static final String SEED = "seed";

  /** A test of drawn values. */
  @FunctionalInterface
  public interface Test {
    /** Fails with any exception or error. */
    void check(Draws draws) throws Exception;
  }

  private RandomTries() {}

  /**
   * Runs the test {@code tries} times, or once with the seed of {@code -Dseed=N}.
   *
   * @throws AssertionError at the first failure, with its seed and the failure as its cause
   */
  public static void of(int tries, Test test) {
    String given = System.getProperty(SEED);
    if (given != null) {
      run(seed(given), "the given seed", test);
      return;
    }
    SplittableRandom seeds = new SplittableRandom();
    for (int i = 0; i < tries; i++) {
      run(Draws.seedOfKind(i, seeds.nextLong()), "try %d of %d".formatted(i + 1, tries), test);
    }
  }

  private static long seed(String given) {
    try {
      return Long.parseLong(given);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "-D%s must be a whole number of 64 bits but was '%s'".formatted(SEED, given), e);
    }
  }

  @SuppressWarnings("CatchingUnchecked")
  private static void run(long seed, String which, Test test) {
    try {
      test.check(new Draws(seed));
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "%s failed; run this test alone with -D%s=%d to repeat it: %s"
              .formatted(which, SEED, seed, e.getMessage()),
          e);
    }
  }
}
