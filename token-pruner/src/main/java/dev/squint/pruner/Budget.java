package dev.squint.pruner;

/**
 * How many tokens are kept. A budget never says how many are dropped.
 *
 * <p>All rounding is defined here: a ratio of n tokens is {@link Math#rint} of keep * n (half to
 * even), and at least 1.
 */
public sealed interface Budget {

  /**
   * Number of tokens to keep of n.
   *
   * @throws IllegalArgumentException for {@link Adaptive}, which has no number
   */
  int tokens(int n);

  /** Number of tokens to keep of n, where the method itself would keep {@code preferred}. */
  default int tokens(int n, int preferred) {
    return tokens(n);
  }

  static Budget ratio(double keep) {
    return new Ratio(keep);
  }

  static Budget count(int tokens) {
    return new Count(tokens);
  }

  /** The method decides, without bounds. */
  static Budget adaptive() {
    return new Adaptive(0, 1);
  }

  /** A share of the tokens, in (0, 1]. */
  record Ratio(double keep) implements Budget {
    public Ratio {
      if (!(keep > 0 && keep <= 1)) {
        throw new IllegalArgumentException("keep must be in (0, 1] but was " + keep);
      }
    }

    @Override
    public int tokens(int n) {
      return n == 0 ? 0 : Math.max(1, (int) Math.rint(keep * n));
    }
  }

  /** A number of tokens; a set with fewer tokens is kept whole. */
  record Count(int tokens) implements Budget {
    public Count {
      if (tokens < 0) {
        throw new IllegalArgumentException("tokens must be at least 0 but was " + tokens);
      }
    }

    @Override
    public int tokens(int n) {
      return Math.min(tokens, n);
    }
  }

  /**
   * The method decides for each input, within these shares of the tokens (rounded as in {@link
   * Ratio}).
   *
   * @param least least share, in [0, most]
   * @param most largest share, in [least, 1]
   */
  record Adaptive(double least, double most) implements Budget {
    public Adaptive {
      if (!(least >= 0 && least <= most && most <= 1 && most > 0)) {
        throw new IllegalArgumentException(
            "adaptive bounds must satisfy 0 <= least <= most <= 1 with most > 0 but were %s..%s"
                .formatted(least, most));
      }
    }

    @Override
    public int tokens(int n) {
      throw new IllegalArgumentException(
          "an adaptive budget has no number of tokens; give keep=RATIO or tokens=NUMBER to a method that cannot choose the number");
    }

    @Override
    public int tokens(int n, int preferred) {
      int atLeast = (int) Math.rint(least * n);
      int atMost = Math.max(1, (int) Math.rint(most * n));
      return Math.min(n, Math.max(atLeast, Math.min(atMost, preferred)));
    }
  }
}
