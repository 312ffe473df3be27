package dev.squint.webapp.encode;

import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.onnx.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the requests that are open at a time. A question with several requests takes the slots
 * that are free, at most half of all, and sends its requests one after the other in each of them:
 * so one free slot is enough for any question. Thread-safe.
 */
final class EncodeSlots implements AutoCloseable {

  private static final long LOOK_MILLIS = 20;

  private final int slots;
  private final Runnable refused;
  private final Semaphore free;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "encode-request");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Makes free slots.
   *
   * @param refused runs each time that a question gets none
   */
  EncodeSlots(int slots, Runnable refused) {
    this.slots = slots;
    this.refused = refused;
    this.free = new Semaphore(slots);
  }

  /** Slots that no request has. */
  int free() {
    return free.availablePermits();
  }

  /**
   * Runs the requests of a question, and gives their results in order.
   *
   * @throws EncoderUnavailableException if no slot is free
   * @throws java.util.concurrent.CancellationException if the question of this thread is cancelled
   */
  <T> List<T> run(List<Supplier<T>> requests) {
    if (!free.tryAcquire()) {
      refused.run();
      throw new EncoderUnavailableException(
          "%d requests wait for encode replicas; try again later, or start more of them"
              .formatted(slots));
    }
    Question<T> question = new Question<>(requests);
    try {
      int most = Math.min(requests.size(), Math.max(1, slots / 2));
      for (int taken = 1; taken < most && free.tryAcquire(); taken++) {
        question.helpers.add(CompletableFuture.runAsync(() -> help(question), threads));
      }
      question.send();
      question.helpers.forEach(EncodeSlots::await);
      RuntimeException failure = question.failure.get();
      if (failure != null) {
        throw failure;
      }
      return question.results.stream().map(CompletableFuture::join).toList();
    } finally {
      question.ended = true;
      free.release();
    }
  }

  private <T> void help(Question<T> question) {
    // A request of this thread ends when another one of the question fails or is cancelled.
    Cancellation cancellation = Cancellation.watching(() -> question.ended);
    try {
      question.send();
    } catch (RuntimeException e) {
      question.failure.compareAndSet(null, e);
      question.ended = true;
    } finally {
      cancellation.close();
      free.release();
    }
  }

  private static void await(CompletableFuture<Void> helper) {
    while (true) {
      try {
        helper.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException notYet) {
        Cancellation.throwIfCancelled();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a request to encode tiles failed", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EncoderUnavailableException("the wait for an encode replica was interrupted");
      }
    }
  }

  /** The requests of a question and which of them come next. */
  private static final class Question<T> {
    private final List<Supplier<T>> requests;
    private final List<CompletableFuture<T>> results = new ArrayList<>();
    private final List<CompletableFuture<Void>> helpers = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private volatile boolean ended;

    Question(List<Supplier<T>> requests) {
      this.requests = requests;
      requests.forEach(each -> results.add(new CompletableFuture<>()));
    }

    void send() {
      for (int i = next.getAndIncrement();
          i < requests.size() && !ended;
          i = next.getAndIncrement()) {
        results.get(i).complete(requests.get(i).get());
      }
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
