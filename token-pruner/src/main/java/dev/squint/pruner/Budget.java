package dev.squint.pruner;

/**
 * How many tokens stay; always what is kept, never what goes.
 *
 * <p>Rounding is written once, here: a ratio of n tokens is round(keep * n), halves to the even
 * number as {@link Math#rint} does, and at least 1.
 */
public sealed interface Budget {

  /**
   * Tokens to keep of the n given.
   *
   * @throws IllegalArgumentException for {@link Adaptive}, which names no number
   */
  int tokens(int n);

  /** Tokens to keep of the n given, where the method itself would like to keep {@code wish}. */
  default int tokens(int n, int wish) {
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

  /** A number of tokens; where there are fewer, all of them stay. */
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
   * The method decides by itself, input by input, within these shares of the tokens (rounded as in
   * {@link Ratio}).
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
          "an adaptive budget names no number of tokens; give keep=RATIO or tokens=NUMBER to a method that cannot decide by itself");
    }

    @Override
    public int tokens(int n, int wish) {
      int atLeast = (int) Math.rint(least * n);
      int atMost = Math.max(1, (int) Math.rint(most * n));
      return Math.min(n, Math.max(atLeast, Math.min(atMost, wish)));
    }
  }
}
