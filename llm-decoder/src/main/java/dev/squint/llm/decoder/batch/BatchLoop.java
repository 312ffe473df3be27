package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.vision.onnx.Cancellation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes many sequences in one run a token: continuous batching (Orca, OSDI 2022). Each sequence
 * has a thread of its own, which chooses tokens, streams them and ends the answer; a thread of the
 * loop runs the steps. A sequence joins before any step and leaves after any. A step waits for
 * sequences that are about to choose their token, but not long, so that a slow one does not delay
 * the others. Thread-safe.
 */
final class BatchLoop implements AutoCloseable {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final long LOOK_NANOS = 20_000_000;

  /** After which an empty loop frees its memory and ends its thread. */
  private static final long IDLE_NANOS = 5_000_000_000L;

  private static final long LEAST_PATIENCE_NANOS = 1_000_000;

  /** A step waits at most this part of the last one's time for tokens. */
  private static final int PATIENCE = 8;

  private final Sharing sharing;
  private final Supplier<RowBatch> batches;
  private final List<BatchRow> outside = new ArrayList<>();
  private final List<BatchRow> inside = new ArrayList<>();
  private long lastStepNanos;
  private @Nullable Thread thread;
  private boolean closed;

  /**
   * Nothing runs yet.
   *
   * @param batches makes an empty batch
   */
  BatchLoop(Sharing sharing, Supplier<RowBatch> batches) {
    this.sharing = sharing;
    this.batches = batches;
  }

  /**
   * Adds a sequence.
   *
   * @param prefilled takes ownership
   */
  synchronized BatchRow join(SequenceRow sequence, Prefilled prefilled) {
    BatchRow row = new BatchRow(sequence, prefilled);
    outside.add(row);
    return row;
  }

  /**
   * Decodes one more token of a sequence, with those of others.
   *
   * @return the logits after it, [V]
   * @throws CancellationException if the request of this thread is cancelled before the step begins
   */
  synchronized float[] step(BatchRow row, long token) {
    require(row);
    row.token = token;
    row.late = false;
    row.logits = null;
    start();
    notifyAll();
    boolean interrupted = false;
    while (row.token != null) {
      try {
        if (!row.stepping) {
          Cancellation.throwIfCancelled();
        }
        TimeUnit.NANOSECONDS.timedWait(this, LOOK_NANOS);
      } catch (CancellationException cancelled) {
        row.token = null;
        throw cancelled;
      } catch (InterruptedException e) {
        // A step cannot be left: the caches may be written.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    require(row);
    float[] logits = row.logits;
    if (logits == null) {
      throw new IllegalStateException("a step gave no logits");
    }
    return logits;
  }

  private static void require(BatchRow row) {
    if (row.failure != null) {
      throw new IllegalStateException(
          "the batch of this sequence failed: " + row.failure.getMessage(), row.failure);
    }
    if (row.place == BatchRow.Place.GONE) {
      throw new IllegalStateException("the sequence is closed");
    }
  }

  /** Removes a sequence, whose thread is not in {@link #step}. */
  synchronized void leave(BatchRow row) {
    if (row.place == BatchRow.Place.OUTSIDE) {
      outside.remove(row);
      row.prefilled.close();
    }
    row.place = BatchRow.Place.GONE;
    notifyAll();
  }

  private void start() {
    if (closed) {
      throw new IllegalStateException("the decoder is closed");
    }
    if (thread == null) {
      thread = new Thread(this::run, "squint-steps");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    try (RowBatch batch = batches.get()) {
      while (await()) {
        sharing.turns().take(Turns.Kind.STEP, () -> turn(batch));
      }
    } catch (RuntimeException | Error e) {
      abandon(e);
    }
  }

  /** The thread ends by a failure outside of a step: its sequences must not wait for it. */
  private synchronized void abandon(Throwable failure) {
    if (thread == Thread.currentThread()) {
      thread = null;
      inside.addAll(outside);
      outside.clear();
      fail(failure);
    }
  }

  /** Waits for tokens; false if the thread is to end. */
  private synchronized boolean await() {
    long idleSince = System.nanoTime();
    while (!hasWork()) {
      if (closed || (live() == 0 && System.nanoTime() - idleSince > IDLE_NANOS)) {
        inside.clear();
        thread = null;
        notifyAll();
        return false;
      }
      pause(LOOK_NANOS);
    }
    long end = System.nanoTime() + Math.max(LEAST_PATIENCE_NANOS, lastStepNanos / PATIENCE);
    for (long left = end - System.nanoTime(); left > 0 && isAwaited(); ) {
      pause(left);
      left = end - System.nanoTime();
    }
    inside.forEach(row -> row.late = row.token == null);
    return true;
  }

  private boolean hasWork() {
    return outside.stream().anyMatch(row -> row.token != null)
        || inside.stream().anyMatch(row -> row.token != null);
  }

  /** Whether a sequence of the last step is about to choose its token. */
  private boolean isAwaited() {
    return inside.stream()
        .anyMatch(row -> row.place == BatchRow.Place.INSIDE && row.token == null && !row.late);
  }

  private int live() {
    return (int) inside.stream().filter(row -> row.place == BatchRow.Place.INSIDE).count();
  }

  private void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, nanos);
    } catch (InterruptedException e) {
      // No other code interrupts this thread; close() ends it.
      throw new IllegalStateException("the loop was interrupted", e);
    }
  }

  /** Lets sequences leave and join, and runs a step. */
  private boolean turn(RowBatch batch) {
    try {
      removeGone(batch);
      for (BatchRow row = admitted(batch); row != null; row = admitted(batch)) {
        batch.join(row.sequence, row.prefilled);
        row.prefilled.close();
      }
      long start = System.nanoTime();
      Map<SequenceRow, Long> tokens = begin();
      if (!tokens.isEmpty()) {
        int waiting = end(batch.step(tokens), System.nanoTime() - start);
        double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
        sharing.listeners().stepped(tokens.size(), waiting, millis);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
      batch.close();
    }
    return true;
  }

  private synchronized void removeGone(RowBatch batch) {
    inside.removeIf(
        row -> {
          boolean gone = row.place == BatchRow.Place.GONE;
          if (gone) {
            batch.leave(row.sequence);
          }
          return gone;
        });
  }

  /** The next sequence that gets a row; null if there is none or no room. */
  private synchronized @Nullable BatchRow admitted(RowBatch batch) {
    BatchSettings settings = sharing.settings();
    for (BatchRow row : outside) {
      if (row.token != null) {
        boolean fits =
            inside.size() < settings.rows()
                && (inside.isEmpty() || batch.bytesWith(row.prefilled) <= settings.maxBytes());
        if (!fits) {
          return null;
        }
        outside.remove(row);
        inside.add(row);
        row.place = BatchRow.Place.INSIDE;
        row.stepping = true;
        return row;
      }
    }
    return null;
  }

  private synchronized Map<SequenceRow, Long> begin() {
    Map<SequenceRow, Long> tokens = new HashMap<>();
    for (BatchRow row : inside) {
      row.stepping = row.token != null;
      if (row.token != null) {
        tokens.put(row.sequence, row.token);
      }
    }
    return tokens;
  }

  /** Hands out logits; returns how many wait for a row. */
  private synchronized int end(Map<SequenceRow, float[]> logits, long nanos) {
    lastStepNanos = nanos;
    for (BatchRow row : inside) {
      if (row.stepping) {
        row.logits = logits.get(row.sequence);
        row.token = null;
        row.stepping = false;
      }
    }
    notifyAll();
    return (int) outside.stream().filter(row -> row.token != null).count();
  }

  /** All rows are lost: what the caches hold after a failure is not known. */
  private synchronized void fail(Throwable failure) {
    for (BatchRow row : inside) {
      row.failure = new IllegalStateException(String.valueOf(failure.getMessage()), failure);
      row.place = BatchRow.Place.GONE;
      row.prefilled.close();
      row.token = null;
      row.stepping = false;
    }
    inside.clear();
    notifyAll();
  }

  /** Ends the thread and frees the memory; no sequence may be open. */
  @Override
  public void close() {
    boolean interrupted = false;
    synchronized (this) {
      closed = true;
      notifyAll();
      while (thread != null) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
