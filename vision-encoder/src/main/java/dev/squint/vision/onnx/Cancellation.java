package dev.squint.vision.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Breaks off the graphs that the current thread runs once nobody wants their results, in the middle
 * of a run too. Opened and closed by one thread; what it breaks off ends with a {@link
 * CancellationException}.
 */
public final class Cancellation implements AutoCloseable {

  private static final long LOOK_MILLIS = 20;

  private static final ThreadLocal<@Nullable Cancellation> CURRENT = new ThreadLocal<>();

  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "squint-cancellation");
            thread.setDaemon(true);
            return thread;
          });

  private final BooleanSupplier unwanted;
  private final Future<?> watch;
  private OrtSession.@Nullable RunOptions running;
  private boolean cancelled;

  private Cancellation(BooleanSupplier cancelled) {
    this.unwanted = cancelled;
    this.watch =
        WATCH.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Watches for the current thread until it is closed.
   *
   * @param cancelled asked again and again, by another thread
   */
  public static Cancellation watching(BooleanSupplier cancelled) {
    Cancellation cancellation = new Cancellation(cancelled);
    CURRENT.set(cancellation);
    return cancellation;
  }

  private void look() {
    if (unwanted.getAsBoolean()) {
      cancel();
    }
  }

  private synchronized void cancel() {
    cancelled = true;
    if (running != null) {
      try {
        running.setTerminate(true);
      } catch (OrtException e) {
        throw new IllegalStateException("a run cannot be broken off: " + e.getMessage(), e);
      }
    }
  }

  /** Runs a graph, watched if the current thread is. */
  static OrtSession.Result run(Run run) throws OrtException {
    Cancellation current = CURRENT.get();
    if (current == null) {
      return run.with(null);
    }
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      current.begin(options);
      try {
        return run.with(options);
      } catch (OrtException e) {
        current.check();
        throw e;
      } finally {
        current.end();
      }
    }
  }

  private synchronized void begin(OrtSession.RunOptions options) {
    check();
    running = options;
  }

  private synchronized void end() {
    running = null;
  }

  private synchronized void check() {
    if (cancelled) {
      throw new CancellationException("nobody wants the result any more");
    }
  }

  /** A run of a graph. */
  @FunctionalInterface
  interface Run {
    /** Runs it with these options, or with none. */
    OrtSession.Result with(OrtSession.@Nullable RunOptions options) throws OrtException;
  }

  @Override
  public void close() {
    CURRENT.remove();
    watch.cancel(false);
  }
}
