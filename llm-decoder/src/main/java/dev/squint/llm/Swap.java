package dev.squint.llm;

import java.util.function.Supplier;

/** Exchanges parts of a model that do not fit into memory beside each other. */
final class Swap {

  private Swap() {}

  /**
   * Releases a part, then opens another.
   *
   * @param restore opens the released part again where the other cannot be opened; its own failure
   *     is suppressed in that of the other
   */
  static <T> T inPlace(Runnable release, Supplier<T> other, Runnable restore) {
    release.run();
    try {
      return other.get();
    } catch (RuntimeException e) {
      try {
        restore.run();
      } catch (RuntimeException lost) {
        e.addSuppressed(lost);
      }
      throw e;
    }
  }
}
