package dev.squint.llm.decoder.batch;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether sequences of a decoder can decode together: tried once, when needed, because it runs the
 * decoder several times. Thread-safe.
 */
final class BatchTrial {

  private final Supplier<Result> probe;
  private volatile @Nullable Result known;

  /**
   * What came out.
   *
   * @param obstacle why they cannot; empty if they can
   * @param exact whether each gets what it gets alone
   */
  record Result(Optional<String> obstacle, boolean exact) {

    static final Result EXACT = new Result(Optional.empty(), true);
    static final Result INEXACT = new Result(Optional.empty(), false);

    static Result cannot(String obstacle) {
      return new Result(Optional.of(obstacle), false);
    }
  }

  BatchTrial(Supplier<Result> probe) {
    this.probe = probe;
  }

  /** Tries it, if that was not done; others wait. */
  synchronized Result result() {
    Result result = known;
    if (result == null) {
      result = probe.get();
      known = result;
    }
    return result;
  }

  /** Whether it was tried. */
  boolean isKnown() {
    return known != null;
  }

  /** Whether it is known that sequences change each other's rounding. */
  boolean isInexact() {
    Result result = known;
    return result != null && result.equals(Result.INEXACT);
  }
}
