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
  record Gain(double measured, double promised) {}

  /**
   * Judges a plan.
   *
   * @param choosing time that choosing and merging took, by that of a prefill without a plan
   */
  static Verdict of(Gain prefill, Gain decode, double choosing) {
    boolean pays =
        prefill.measured >= GAIN || (decode.measured >= GAIN && prefill.measured > 2 - GAIN);
    return new Verdict(pays, why(prefill, choosing) + "; " + whyDecode(decode));
  }

  private static String why(Gain prefill, double choosing) {
    double saved = 1 - 1 / prefill.promised;
    if (prefill.promised < GAIN) {
      return "prefill has hardly fewer operations";
    }
    if (prefill.measured * ALLOWED >= prefill.promised) {
      return "prefill takes what its operations say";
    }
    // What is missing at prefill, by the prefill without a plan.
    double lost = 1 / prefill.measured - 1 / prefill.promised;
    return choosing > lost / 2
        ? "choosing takes %.0f %% of a prefill, of which operations save %.0f %%"
            .formatted(100 * choosing, 100 * saved)
        : "the operations that are left take longer: products of fewer rows, and copies between stages";
  }

  private static String whyDecode(Gain decode) {
    if (decode.measured >= GAIN) {
      return "decoding reads less cache";
    }
    return decode.promised < GAIN
        ? "decoding is reading weights, which stay"
        : "decoding gains less than operations say, as it waits for weights";
  }
}
