package dev.squint.llm.decoder.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.decoder.batch.Turns.Kind;
import dev.squint.vision.onnx.Cancellation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TurnsTest {

  private final Turns turns = new Turns();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> order = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch first = new CountDownLatch(1);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  /** Waits for a turn; returns when it is among those that wait. */
  private void add(Kind kind, long number, String name) throws InterruptedException {
    int before = turns.waiting();
    threads.execute(() -> turns.take(kind, number, () -> order.add(name)));
    while (turns.waiting() == before) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private void holdFirstTurn() throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    threads.execute(
        () ->
            turns.take(
                Kind.STEP,
                () -> {
                  taken.countDown();
                  return awaited();
                }));
    taken.await();
  }

  private boolean awaited() {
    try {
      return first.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Test
  void kindsTakeTurns_andOfOneKindTheLowestNumberGoesFirst() throws Exception {
    holdFirstTurn();
    add(Kind.PROMPT, 12, "second prompt");
    add(Kind.PROMPT, 11, "first prompt");
    add(Kind.TOKEN, 13, "token");
    add(Kind.STEP, 14, "step");
    add(Kind.STEP, 15, "next step");
    first.countDown();
    threads.shutdown();

    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(order)
        .containsExactly("token", "first prompt", "step", "second prompt", "next step");
  }

  @Test
  void aCancelledRequestStopsWaiting() throws Exception {
    holdFirstTurn();
    try (Cancellation cancelled = Cancellation.watching(() -> true)) {
      assertThat(cancelled).isNotNull();
      assertThatThrownBy(() -> turns.take(Kind.PROMPT, () -> order.add("cancelled")))
          .isInstanceOf(CancellationException.class);
    }
    assertThat(turns.waiting()).isZero();
    assertThat(order).isEmpty();
    first.countDown();
  }

  @Test
  void aFailedTurnEnds() {
    assertThatThrownBy(
            () ->
                turns.take(
                    Kind.TOKEN,
                    () -> {
                      throw new IllegalStateException("failed");
                    }))
        .hasMessage("failed");

    assertThat(turns.take(Kind.TOKEN, () -> "next")).isEqualTo("next");
  }
}
