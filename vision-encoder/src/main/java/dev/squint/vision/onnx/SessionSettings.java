package dev.squint.vision.onnx;

/**
 * Settings of an ONNX Runtime session. {@code squint bench} compares them on a machine.
 *
 * @param threads number of threads that share the work of one operator; 0 uses one for each
 *     physical core
 * @param spinning whether idle threads keep a core busy. This is faster on an otherwise idle
 *     machine and several times slower on a loaded one
 * @param ownThreads whether the session has its own thread pool; if false, {@link
 *     OnnxRuntime#startWithPool} must have created the shared pool
 * @param prepacking whether weights are copied into the layout that is fastest to multiply; if
 *     false, weights in a file next to the graph are memory-mapped, so that sessions of one file
 *     share them
 * @param arena whether the session keeps its memory for the next run; if false, memory is returned
 *     to the process after each run, which uses less memory if sessions run one after another
 * @param device where the graph is computed
 */
public record SessionSettings(
    int threads,
    boolean spinning,
    boolean ownThreads,
    boolean prepacking,
    boolean arena,
    Device device) {

  /**
   * On the processor: one thread for each physical core, no spinning, weights in the fastest
   * layout.
   */
  public static final SessionSettings DEFAULT =
      new SessionSettings(0, false, true, true, true, Device.CPU);

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

  /** These settings with another number of threads. */
  public SessionSettings withThreads(int threads) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena, device);
  }

  /** These settings with or without spinning threads. */
  public SessionSettings withSpinning(boolean spinning) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena, device);
  }

  /** These settings with the session's own threads or the shared pool. */
  public SessionSettings withOwnThreads(boolean ownThreads) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena, device);
  }

  /** These settings with weights in the fastest layout or in the stored layout. */
  public SessionSettings withPrepacking(boolean prepacking) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena, device);
  }

  /** These settings with or without the session's own memory arena. */
  public SessionSettings withArena(boolean arena) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena, device);
  }

  /** These settings on another device. */
  public SessionSettings withDevice(Device device) {
    return new SessionSettings(threads, spinning, ownThreads, prepacking, arena, device);
  }
}
