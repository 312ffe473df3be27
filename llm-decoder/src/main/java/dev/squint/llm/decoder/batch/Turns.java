package dev.squint.llm.decoder.batch;

import dev.squint.vision.onnx.Cancellation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may run the decoders of a model: one at a time, so that each has all cores. A step of a
 * batch, a token of a sequence that decodes by itself and a chunk of a prompt take turns: after a
 * turn of one kind the next kind goes first that waits. So a step waits for one chunk and one token
 * at most, and prompts are never starved. Of prompts the one that began first goes first.
 * Thread-safe.
 */
public final class Turns {

  /** What a turn is for, in the order in which kinds follow each other. */
  public enum Kind {
    /** A token of each row of a batch. */
    STEP,
    /** A token of one sequence. */
    TOKEN,
    /** A chunk of a prompt. */
    PROMPT
  }

  // A request that waits looks this often whether it is cancelled.
  private static final long LOOK_MILLIS = 20;

  private final Map<Kind, Queue<Ticket>> waiting = new EnumMap<>(Kind.class);
  // The kind that had the last turn is at the end.
  private final List<Kind> order = new ArrayList<>(List.of(Kind.values()));
  private boolean taken;
  private long tickets;

  /** Creates turns of which none is taken. */
  public Turns() {
    for (Kind kind : Kind.values()) {
      waiting.put(kind, new PriorityQueue<>(Comparator.comparingLong(Ticket::number)));
    }
  }

  /** A place in the queue. */
  private static final class Ticket {
    private final long number;

    Ticket(long number) {
      this.number = number;
    }

    long number() {
      return number;
    }
  }

  /** A number that stands for now: of one kind, those with lower numbers go first. */
  public synchronized long number() {
    return tickets++;
  }

  /** Runs something when it is its turn. */
  public <T> T take(Kind kind, Supplier<T> work) {
    return take(kind, number(), work);
  }

  /**
   * Runs something when it is its turn.
   *
   * @param number {@link #number} of its beginning
   * @throws CancellationException if the request of this thread is cancelled while it waits
   */
  public <T> T take(Kind kind, long number, Supplier<T> work) {
    begin(kind, new Ticket(number));
    try {
      return work.get();
    } finally {
      end();
    }
  }

  private synchronized void begin(Kind kind, Ticket ticket) {
    Queue<Ticket> own = queue(kind);
    own.add(ticket);
    try {
      while (taken || next() != ticket) {
        Cancellation.throwIfCancelled();
        wait(LOOK_MILLIS);
      }
      taken = true;
      while (!order.get(order.size() - 1).equals(kind)) {
        Collections.rotate(order, -1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the request was interrupted");
    } finally {
      own.remove(ticket);
      notifyAll();
    }
  }

  private synchronized void end() {
    taken = false;
    notifyAll();
  }

  /** The ticket whose turn it is: the first of the next kind of which one waits. */
  private @Nullable Ticket next() {
    for (Kind kind : order) {
      Ticket first = queue(kind).peek();
      if (first != null) {
        return first;
      }
    }
    return null;
  }

  private Queue<Ticket> queue(Kind kind) {
    return Objects.requireNonNull(waiting.get(kind));
  }

  /** Whether a request runs or waits. */
  public synchronized boolean isBusy() {
    return taken || waiting() > 0;
  }

  /** How many wait for a turn. */
  public synchronized int waiting() {
    return waiting.values().stream().mapToInt(Queue::size).sum();
  }
}
