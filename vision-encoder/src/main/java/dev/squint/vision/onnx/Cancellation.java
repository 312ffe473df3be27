package dev.squint.vision.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cancels the graph runs of the current thread, even in the middle of a run. The same thread must
 * open and close it. A cancelled run throws a {@link CancellationException}.
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
   * Starts watching the runs of the current thread; closing ends it.
   *
   * @param cancelled whether to cancel; polled by another thread
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
        throw new IllegalStateException("a run cannot be cancelled: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Runs a graph. The run can be cancelled if the current thread is watched.
   *
   * @param settings entries of the run's options; empty for the defaults
   */
  static OrtSession.Result run(Map<String, String> settings, Run run) throws OrtException {
    Cancellation current = CURRENT.get();
    if (current == null && settings.isEmpty()) {
      return run.with(null);
    }
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        options.addRunConfigEntry(setting.getKey(), setting.getValue());
      }
      return current == null ? run.with(options) : current.watched(options, run);
    }
  }

  private OrtSession.Result watched(OrtSession.RunOptions options, Run run) throws OrtException {
    begin(options);
    try {
      return run.with(options);
    } catch (OrtException e) {
      check();
      throw e;
    } finally {
      end();
    }
  }

  /**
   * Ends a wait between two runs of the current thread.
   *
   * @throws CancellationException if they are cancelled; not if the thread is not watched
   */
  public static void throwIfCancelled() {
    Cancellation current = CURRENT.get();
    if (current != null) {
      current.check();
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
      throw new CancellationException("the request was cancelled");
    }
  }

  /** Starts a run of a graph. */
  @FunctionalInterface
  interface Run {
    /** Runs the graph with these options, or with none. */
    OrtSession.Result with(OrtSession.@Nullable RunOptions options) throws OrtException;
  }

  @Override
  public void close() {
    CURRENT.remove();
    watch.cancel(false);
  }
}
