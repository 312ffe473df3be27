package dev.squint.vision.onnx;

/**
 * How ONNX Runtime computes a graph.
 *
 * @param threads threads that share the work of one operator; 0 takes one for each physical core
 * @param spinning whether threads without work keep a core busy, which is faster on an idle machine
 *     and several times slower on one with other work
 */
public record SessionSettings(int threads, boolean spinning) {

  /** One thread for each physical core, none spinning. */
  public static final SessionSettings DEFAULT = new SessionSettings(0, false);

  /**
   * Checks the number of threads.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public SessionSettings {
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads must be 0 (automatic) or more but was " + threads);
    }
  }
}
