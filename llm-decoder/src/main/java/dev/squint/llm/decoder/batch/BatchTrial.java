package dev.squint.llm.decoder.batch;

import dev.squint.vision.io.Lazy;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether sequences of a decoder can decode together: tried once, when needed, because it runs the
 * decoder several times. Thread-safe.
 */
final class BatchTrial {

  private final Lazy<Result> result;

  /**
   * The result of the trial.
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
    this.result = new Lazy<>(probe);
  }

  /** Tries it, if that was not done; others wait. */
  Result result() {
    return result.get();
  }

  /** Whether it was tried. */
  boolean isKnown() {
    return result.known().isPresent();
  }

  /** Whether it is known that sequences change each other's rounding. */
  boolean isInexact() {
    return result.known().filter(Result.INEXACT::equals).isPresent();
  }
}
