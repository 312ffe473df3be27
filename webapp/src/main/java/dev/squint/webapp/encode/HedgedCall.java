package dev.squint.webapp.encode;

import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.onnx.Cancellation;
import dev.squint.webapp.encode.EncodePeers.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request to the first of several replicas that answers. The next replica is asked when one
 * fails, and once more when the first is slow. A replica whose connection ended is asked once more.
 * Made for one request.
 */
final class HedgedCall {

  /** How often a request checks whether its client has left. */
  private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();

  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int CONFLICT = 409;
  private static final int TOO_LARGE = 413;

  private final List<Peer> peers;
  private final Function<Peer, CompletableFuture<HttpResponse<byte[]>>> send;
  private final BooleanSupplier hedges;
  private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
  private final List<CompletableFuture<?>> sent = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final Set<Peer> again = new HashSet<>();
  private int asked;
  private int open;

  /** What one replica answered, or how it failed. */
  private record Reply(
      Peer peer, @Nullable HttpResponse<byte[]> response, @Nullable Throwable error) {}

  /**
   * Prepares a request.
   *
   * @param hedges whether a second replica may be asked when the first is slow
   */
  HedgedCall(
      List<Peer> peers,
      Function<Peer, CompletableFuture<HttpResponse<byte[]>>> send,
      BooleanSupplier hedges) {
    this.peers = peers;
    this.send = send;
    this.hedges = hedges;
  }

  /**
   * The first good answer.
   *
   * @param slow after which another replica is asked too
   * @throws EncoderUnavailableException if no replica gave a good answer by the deadline
   * @throws IllegalArgumentException if a replica refused the request
   * @throws java.util.concurrent.CancellationException if the question of this thread is cancelled
   */
  byte[] answer(Duration slow, Duration deadline) {
    long start = System.nanoTime();
    long end = start + deadline.toNanos();
    long hedge = start + Math.min(slow.toNanos(), deadline.toNanos());
    try {
      sendNext();
      while (open > 0) {
        long now = System.nanoTime();
        if (now - end >= 0) {
          throw unavailable("in time");
        }
        boolean mayHedge = asked == 1 && peers.size() > 1;
        long until = mayHedge && now - hedge < 0 ? hedge : end;
        if (mayHedge && now - hedge >= 0 && hedges.getAsBoolean()) {
          sendNext();
        }
        Cancellation.throwIfCancelled();
        Reply reply = replies.poll(Math.min(until - now, LOOK_NANOS), TimeUnit.NANOSECONDS);
        if (reply != null) {
          byte[] body = body(reply);
          if (body != null) {
            return body;
          }
          if (wasClosed(reply) && again.add(reply.peer())) {
            send(reply.peer());
          } else {
            fail(reply);
            if (asked < peers.size()) {
              sendNext();
            }
          }
        }
      }
      throw unavailable("well");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EncoderUnavailableException("the wait for an encode replica was interrupted");
    } finally {
      sent.forEach(each -> each.cancel(true));
    }
  }

  /** Whether more than one replica was asked. */
  boolean hedged() {
    return asked > 1;
  }

  private void sendNext() {
    send(peers.get(asked++));
  }

  private void send(Peer peer) {
    CompletableFuture<HttpResponse<byte[]>> sending = send.apply(peer);
    sent.add(sending);
    open++;
    CompletableFuture<?> unused =
        sending.whenComplete((response, error) -> replies.add(new Reply(peer, response, error)));
  }

  /**
   * Whether a connection ended before an answer came: a replica closes one that was idle while a
   * request is on its way. A request changes nothing in the replica, so it can be sent again.
   */
  private static boolean wasClosed(Reply reply) {
    Throwable cause = cause(reply.error());
    return cause instanceof IOException
        && !(cause instanceof ConnectException
            || cause instanceof HttpTimeoutException
            || cause instanceof BoundedBody.TooLongException);
  }

  /** The body of a good answer; null if the replica failed. */
  private byte @Nullable [] body(Reply reply) {
    open--;
    HttpResponse<byte[]> response = reply.response();
    if (response != null && response.statusCode() == OK) {
      reply.peer().breaker().succeeded();
      return response.body();
    }
    if (response != null && response.statusCode() == BAD_REQUEST) {
      throw new IllegalArgumentException(
          "the encode replica refused the tiles; give all replicas the same version of Squint");
    }
    return null;
  }

  private void fail(Reply reply) {
    HttpResponse<byte[]> response = reply.response();
    reply.peer().breaker().failed();
    failures.add(response == null ? reason(cause(reply.error())) : reason(response.statusCode()));
  }

  private static String reason(int status) {
    return switch (status) {
      case CONFLICT -> "has another encoder";
      case TOO_LARGE -> "takes no request of this size, raise its squint.limits.request-bytes";
      default -> "answered with status " + status;
    };
  }

  private static @Nullable Throwable cause(@Nullable Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  private static String reason(@Nullable Throwable cause) {
    if (cause instanceof BoundedBody.TooLongException) {
      return String.valueOf(cause.getMessage());
    }
    return cause instanceof IOException ? "cannot be reached" : "failed";
  }

  private EncoderUnavailableException unavailable(String how) {
    return new EncoderUnavailableException(
        "no encode replica answered %s (%s); try again later, and see that the replicas of squint.encode.replicas run with the same package and variant"
            .formatted(
                how,
                failures.isEmpty() ? "all are slow" : "one " + String.join(", one ", failures)));
  }
}
