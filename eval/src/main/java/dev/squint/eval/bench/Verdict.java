package dev.squint.eval.bench;

/**
 * Whether a plan is faster than no plan, and why.
 *
 * @param pays whether prefill or decoding is faster by more than the noise of the measurement
 * @param why the reason
 */
record Verdict(boolean pays, String why) {

  /** Smaller gains are within the noise of the measurement. */
  private static final double GAIN = 1.05;

  /** Allowed ratio of time to operations, the same as in the goals of {@link PlanBench}. */
  private static final double ALLOWED = 1.15;

  /**
   * Ratios without a plan to with a plan.
   *
   * @param measured ratio of times
   * @param promised ratio of operations
   */
  record Gain(double measured, double promised) {

    /** Whether it is faster by more than noise; without fewer operations any gain is noise. */
    boolean isReal() {
      return measured >= GAIN && promised >= GAIN;
    }
  }

  /**
   * Judges a plan.
   *
   * @param choosing time of choosing and merging tokens divided by the prefill time without a plan
   */
  static Verdict of(Gain prefill, Gain decode, double choosing) {
    boolean pays = prefill.isReal() || (decode.isReal() && prefill.measured > 2 - GAIN);
    return new Verdict(pays, why(prefill, choosing) + "; " + whyDecode(decode));
  }

  private static String why(Gain prefill, double choosing) {
    if (prefill.promised < GAIN) {
      return "prefill has almost as many operations as without a plan";
    }
    double slower = prefill.promised / prefill.measured;
    if (slower <= ALLOWED) {
      return "prefill time agrees with its operations";
    }
    // Prefill time above the expected time, as a share of the prefill without a plan.
    double lost = 1 / prefill.measured - 1 / prefill.promised;
    return choosing > lost / 2
        ? "choosing tokens takes %.0f %% of a prefill; fewer operations save %.0f %%"
            .formatted(100 * choosing, 100 - 100 / prefill.promised)
        : "prefill takes %.1f times as long as its operations predict".formatted(slower);
  }

  private static String whyDecode(Gain decode) {
    if (decode.promised < GAIN) {
      return "decoding reads the same weights and almost the same cache";
    }
    return decode.isReal()
        ? "decoding reads a smaller cache"
        : "decoding gains less than its operations predict";
  }
}
