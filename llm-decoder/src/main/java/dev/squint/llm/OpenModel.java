package dev.squint.llm;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** The lock of a model: requests share it, cutting and closing hold it alone. Thread-safe. */
final class OpenModel {

  private final ModelParts parts;
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();
  private volatile boolean closed;

  OpenModel(ModelParts parts) {
    this.parts = parts;
  }

  /**
   * Runs work that may run at the same time as other shared work.
   *
   * @throws IllegalStateException if the model is closed
   */
  <T> T shared(Supplier<T> work) {
    return locked(inUse.readLock(), work);
  }

  /**
   * Runs work while nothing else runs; waits for work in progress.
   *
   * @throws IllegalStateException if the model is closed
   */
  <T> T alone(Supplier<T> work) {
    return locked(inUse.writeLock(), work);
  }

  private <T> T locked(Lock lock, Supplier<T> work) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the model %s is closed".formatted(parts.files().name()));
      }
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the parts are closed; never waits. */
  boolean isClosed() {
    return closed;
  }

  /** Waits for what is in progress and closes the parts, once. */
  void close() {
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        parts.close();
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
