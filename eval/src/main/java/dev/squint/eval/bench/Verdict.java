package dev.squint.eval.bench;

/**
 * Whether a plan pays where it was measured, and why.
 *
 * @param pays whether an answer comes sooner than without a plan
 * @param why what decides it
 */
record Verdict(boolean pays, String why) {

  /** Less than this is within the scatter. */
  private static final double GAIN = 1.05;

  /**
   * A plan may take this much longer than its operations say, as the goals of {@link PlanBench}.
   */
  private static final double ALLOWED = 1.15;

  /**
   * Times and operations without a plan, by those with it.
   *
   * @param measured how many times faster
   * @param promised how many times fewer operations
   */
  record Gain(double measured, double promised) {

    /** Whether it is faster by more than scatter; without fewer operations it is scatter. */
    boolean isReal() {
      return measured >= GAIN && promised >= GAIN;
    }
  }

  /**
   * Judges a plan.
   *
   * @param choosing time that choosing and merging took, by that of a prefill without a plan
   */
  static Verdict of(Gain prefill, Gain decode, double choosing) {
    boolean pays = prefill.isReal() || (decode.isReal() && prefill.measured > 2 - GAIN);
    return new Verdict(pays, why(prefill, choosing) + "; " + whyDecode(decode));
  }

  private static String why(Gain prefill, double choosing) {
    if (prefill.promised < GAIN) {
      return "prefill has hardly fewer operations";
    }
    double slower = prefill.promised / prefill.measured;
    if (slower <= ALLOWED) {
      return "prefill takes what its operations say";
    }
    // What is missing at prefill, by the prefill without a plan.
    double lost = 1 / prefill.measured - 1 / prefill.promised;
    return choosing > lost / 2
        ? "choosing takes %.0f %% of a prefill, of which operations save %.0f %%"
            .formatted(100 * choosing, 100 - 100 / prefill.promised)
        : "prefill takes %.1f times what its operations say".formatted(slower);
  }

  private static String whyDecode(Gain decode) {
    if (decode.promised < GAIN) {
      return "decoding reads its weights as before, and hardly less cache";
    }
    return decode.isReal()
        ? "decoding has less to read"
        : "decoding gains less than its operations say";
  }
}
