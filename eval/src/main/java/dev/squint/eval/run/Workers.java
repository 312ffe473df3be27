package dev.squint.eval.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The threads of a run. */
final class Workers {

  private final int threads;
  private volatile boolean stopped;

  /**
   * Prepares for one run.
   *
   * @param threads tasks that run at the same time
   */
  Workers(int threads) {
    this.threads = threads;
  }

  /** Whether a task has failed, so that the others should end. */
  boolean stopped() {
    return stopped;
  }

  /**
   * Runs tasks, and waits until none is running. After a failure no other task begins.
   *
   * @throws RuntimeException that of a task that failed
   * @throws IllegalStateException if the thread is interrupted
   */
  void run(List<Runnable> tasks) {
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (Runnable task : tasks) {
        work.add(workers.submit(() -> runUnlessStopped(task)));
      }
      for (Future<?> part : work) {
        part.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the run was interrupted; start it again", e);
    } finally {
      stop(workers);
    }
  }

  private void runUnlessStopped(Runnable task) {
    if (stopped) {
      return;
    }
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      stopped = true;
      throw e;
    }
  }

  // Waits for the workers, so that none writes to a log after the caller closes it. Interrupting
  // them would close the log's file.
  private void stop(ExecutorService workers) {
    stopped = true;
    workers.shutdown();
    boolean interrupted = false;
    while (!workers.isTerminated()) {
      try {
        workers.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
