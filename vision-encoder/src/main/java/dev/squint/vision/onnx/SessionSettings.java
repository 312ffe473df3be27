package dev.squint.vision.onnx;

/**
 * Settings of an ONNX Runtime session. {@code squint bench} compares them on a machine.
 *
 * @param threads number of threads that share the work of one operator; 0 uses one for each
 *     physical core that the process may use
 * @param spinMicros microseconds that a thread waits actively for the next operator before it
 *     sleeps; 0 to sleep at once. A decoding step runs hundreds of operators of some microseconds
 *     each, and waking a thread takes about as long. Long waits take the time of other work
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
    int spinMicros,
    boolean ownThreads,
    boolean prepacking,
    boolean arena,
    Device device) {

  /**
   * On the processor: one thread for each physical core, active for 20 microseconds, and weights in
   * the fastest layout.
   */
  public static final SessionSettings DEFAULT =
      new SessionSettings(0, 20, true, true, true, Device.CPU);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public SessionSettings {
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads must be 0 (automatic) or more but was " + threads);
    }
    if (spinMicros < 0) {
      throw new IllegalArgumentException(
          "spinMicros must be 0 (sleep at once) or more but was " + spinMicros);
    }
  }

  /** The number of threads for ONNX Runtime; 0 if it shall count the cores itself. */
  int operatorThreads() {
    return threads > 0 ? threads : PhysicalCores.count();
  }

  /** These settings with another number of threads. */
  public SessionSettings withThreads(int threads) {
    return new SessionSettings(threads, spinMicros, ownThreads, prepacking, arena, device);
  }

  /** These settings with another time that threads wait actively, in microseconds. */
  public SessionSettings withSpinMicros(int spinMicros) {
    return new SessionSettings(threads, spinMicros, ownThreads, prepacking, arena, device);
  }

  /** These settings with the session's own threads or the shared pool. */
  public SessionSettings withOwnThreads(boolean ownThreads) {
    return new SessionSettings(threads, spinMicros, ownThreads, prepacking, arena, device);
  }

  /** These settings with weights in the fastest layout or in the stored layout. */
  public SessionSettings withPrepacking(boolean prepacking) {
    return new SessionSettings(threads, spinMicros, ownThreads, prepacking, arena, device);
  }

  /** These settings with or without the session's own memory arena. */
  public SessionSettings withArena(boolean arena) {
    return new SessionSettings(threads, spinMicros, ownThreads, prepacking, arena, device);
  }

  /** These settings on another device. */
  public SessionSettings withDevice(Device device) {
    return new SessionSettings(threads, spinMicros, ownThreads, prepacking, arena, device);
  }
}
