package dev.squint.webapp.answering;

import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * Decides which question runs next.
 *
 * <p>Files are decoded on threads of their own, so a slow file does not occupy an answer thread.
 * The number of questions whose files are decoded or wait decoded is bounded, which bounds memory;
 * one more is taken of a client that has none of them. Clients take turns, so a client's only
 * question waits for one answer of another client at most, however many that one asks. When the
 * queue is full, the newest question of the client with the longest queue gives way to a client
 * with a shorter one.
 */
final class AnswerScheduler {

  private static final Logger LOG = LoggerFactory.getLogger(AnswerScheduler.class);

  /** A cancelled answer ends before its next token or row block. */
  private static final Duration AFTER_CANCEL = Duration.ofSeconds(5);

  private final int answers;
  private final int decodings;
  private final int capacity;
  private final int perClient;
  private final AnswerRate rate;
  private final ExecutorService answerThreads;
  private final ExecutorService decodeThreads;

  private final Object lock = new Object();
  private final FairQueue<AnswerJob> waiting = new FairQueue<>();
  private final FairQueue<AnswerJob> ready = new FairQueue<>();
  private final ClientTurns decodeTurns = new ClientTurns();
  private final ClientTurns answerTurns = new ClientTurns();
  private final List<AnswerJob> active = new ArrayList<>();
  private final ClientCounts admitted = new ClientCounts();
  private final ClientCounts prepared = new ClientCounts();
  private int running;
  private boolean closed;

  AnswerScheduler(ServerSettings.Serving work, AnswerRate rate) {
    this.answers = work.answers();
    this.decodings = work.decodings();
    this.capacity = answers + work.queue();
    this.perClient = work.perClient();
    this.rate = rate;
    this.answerThreads = threads("answer", answers);
    this.decodeThreads = threads("decode", decodings);
  }

  private static ExecutorService threads(String name, int count) {
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        count, task -> new Thread(task, name + "-" + number.incrementAndGet()));
  }

  /** Questions that are answered now. */
  int running() {
    synchronized (lock) {
      return running;
    }
  }

  /** Questions that wait, those whose files are decoded included. */
  int waiting() {
    synchronized (lock) {
      return admitted.total() - running;
    }
  }

  /**
   * Adds a question.
   *
   * @throws ApiException if the queue is full, the client has too many questions, or the server
   *     stops
   */
  void submit(AnswerJob job) {
    AnswerJob dropped = null;
    synchronized (lock) {
      if (closed) {
        throw stopping();
      }
      int own = admitted.of(job.client());
      if (perClient > 0 && own >= perClient) {
        throw busy(
            "client_busy",
            "this client has %d questions in progress or waiting; it may have %d"
                .formatted(own, perClient));
      }
      if (admitted.total() >= capacity) {
        dropped = waiting.dropForOther(job.client());
        if (dropped == null) {
          throw full();
        }
        forget(dropped);
      }
      admitted.add(job.client());
      waiting.add(job.client(), job);
      startWhatCan();
    }
    if (dropped != null) {
      dropped.fail(full());
    }
  }

  private ApiException full() {
    return busy(
        "server_busy",
        "%d questions are waiting; try again later".formatted(admitted.total() - running));
  }

  private ApiException busy(String code, String message) {
    double seconds = rate.secondsPerAnswer() * (admitted.total() - running + 1) / answers;
    return new ApiException(HttpStatus.TOO_MANY_REQUESTS, code, null, message)
        .retryAfter(Duration.ofMillis((long) (1000 * Math.ceil(seconds))));
  }

  private static ApiException stopping() {
    return new ApiException(
            HttpStatus.SERVICE_UNAVAILABLE,
            "server_stopping",
            null,
            "the server is stopping; try again later")
        .retryAfter(Duration.ofSeconds(5));
  }

  /** Removes a question that waits; one that is decoded or answered ends by its own flag. */
  void cancel(AnswerJob job) {
    synchronized (lock) {
      if (waiting.remove(job.client(), job)) {
        forget(job);
      } else if (ready.remove(job.client(), job)) {
        prepared.remove(job.client());
        forget(job);
      }
      startWhatCan();
    }
  }

  private void forget(AnswerJob job) {
    admitted.remove(job.client());
    active.remove(job);
  }

  private void startWhatCan() {
    for (AnswerJob job = nextToAnswer(); job != null; job = nextToAnswer()) {
      run(job);
    }
    for (AnswerJob job = nextToDecode(); job != null; job = nextToDecode()) {
      decode(job);
    }
  }

  /** Of decoded questions and those without files, the one of the client whose turn it is. */
  private @Nullable AnswerJob nextToAnswer() {
    if (running >= answers) {
      return null;
    }
    String withFiles = ready.next(job -> true, answerTurns);
    String text = waiting.next(job -> !job.needsDecoding(), answerTurns);
    boolean isText =
        withFiles == null
            || (text != null && answerTurns.lastOf(text) < answerTurns.lastOf(withFiles));
    if (isText) {
      return waiting.poll(job -> !job.needsDecoding(), answerTurns);
    }
    AnswerJob job = ready.poll(any -> true, answerTurns);
    if (job != null) {
      prepared.remove(job.client());
    }
    return job;
  }

  private @Nullable AnswerJob nextToDecode() {
    return waiting.poll(job -> job.needsDecoding() && mayPrepare(job.client()), decodeTurns);
  }

  private boolean mayPrepare(String client) {
    boolean isOneMore = prepared.total() == decodings && prepared.of(client) == 0;
    return prepared.total() < decodings || isOneMore;
  }

  private void decode(AnswerJob job) {
    prepared.add(job.client());
    active.add(job);
    decodeThreads.execute(
        () -> {
          boolean decoded = false;
          try {
            decoded = job.decode();
          } finally {
            synchronized (lock) {
              if (decoded) {
                ready.add(job.client(), job);
              } else {
                prepared.remove(job.client());
                forget(job);
              }
              startWhatCan();
            }
          }
        });
  }

  private void run(AnswerJob job) {
    running++;
    active.add(job);
    answerThreads.execute(
        () -> {
          try {
            job.answer();
          } finally {
            synchronized (lock) {
              running--;
              forget(job);
              startWhatCan();
            }
          }
        });
  }

  /** Refuses new and waiting questions; those that are decoded or answered continue. */
  void stop() {
    List<AnswerJob> refused;
    synchronized (lock) {
      closed = true;
      refused = waiting.clear();
      refused.forEach(this::forget);
    }
    refused.forEach(job -> job.fail(stopping()));
  }

  /** Waits for the answers in progress; those that take longer are broken off. */
  void close(Duration longest) {
    stop();
    decodeThreads.shutdown();
    try {
      if (!awaitIdle(longest)) {
        breakOff();
        decodeThreads.shutdownNow();
        if (!awaitIdle(AFTER_CANCEL)) {
          LOG.warn("{} answers did not end at the stop", running());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      answerThreads.shutdown();
    }
  }

  private void breakOff() {
    synchronized (lock) {
      LOG.warn("{} answers are broken off, since the server stops", active.size());
      active.forEach(AnswerJob::cancel);
    }
  }

  private boolean awaitIdle(Duration longest) throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    synchronized (lock) {
      while (admitted.total() > 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        lock.wait(Math.min(left, 20));
      }
    }
    return true;
  }
}
