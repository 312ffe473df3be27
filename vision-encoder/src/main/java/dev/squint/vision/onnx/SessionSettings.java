package dev.squint.vision.onnx;

/**
 * How ONNX Runtime computes a graph; {@code squint bench} compares these settings on a machine.
 *
 * @param threads threads that share the work of one operator; 0 takes one for each physical core
 * @param spinning whether threads without work keep a core busy, which is faster on an idle machine
 *     and several times slower on one with other work
 * @param ownThreads whether the session has threads of its own; if not, {@link
 *     OnnxRuntime#startWithPool} must have made those that all share
 * @param prepacking whether weights are copied into the layout that is fastest to multiply; if not,
 *     those in a file beside the graph are mapped, so that sessions of one file share them
 * @param arena whether the session keeps the memory of its results for the next run; if not, all
 *     sessions take and give back the process's own, which is less where they run in turn
 */
public record SessionSettings(
    int threads, boolean spinning, boolean ownThreads, boolean prepacking, boolean arena) {

  /** One thread for each physical core, none spinning, weights in the fastest layout. */
  public static final SessionSettings DEFAULT = new SessionSettings(0, false, true, true, true);

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

  /** The same with another number of threads. */
  public SessionSettings withThreads(int threads) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena);
  }

  /** The same with threads that spin or do not. */
  public SessionSettings withSpinning(boolean spinning) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena);
  }

  /** The same with threads of its own or the pool's. */
  public SessionSettings withOwnThreads(boolean ownThreads) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena);
  }

  /** The same with weights in the fastest layout or as they are. */
  public SessionSettings withPrepacking(boolean prepacking) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena);
  }

  /** The same with memory of its own or the process's. */
  public SessionSettings withArena(boolean arena) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena);
  }
}
