package dev.squint.llm.decoder.batch;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.model.ModelPackage;
import dev.squint.testing.Tolerance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests on threads of their own whose sequences decode together. */
@Timeout(60)
class BatchLoopTest {

  private static final Tolerance LOGITS = Tolerance.relative(1e-4);
  private static final int ROWS = 3;

  private static Sequences sequences;

  private final AtomicInteger mostRows = new AtomicInteger();
  private final AtomicInteger mostWaiting = new AtomicInteger();
  private final AtomicInteger steps = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BatchListener listener =
      new BatchListener() {
        @Override
        public void stepped(int rows, int waiting, double millis) {
          mostRows.accumulateAndGet(rows, Math::max);
          mostWaiting.accumulateAndGet(waiting, Math::max);
          steps.incrementAndGet();
        }
      };
  private final Sharing sharing = Sharing.of(BatchSettings.of(ROWS));
  private final BatchLoop loop = new BatchLoop(sharing, () -> sequences.batch());

  @BeforeAll
  static void load() {
    Path folder = Path.of("src/test/resources/packages/smolvlm2-fused");
    sequences = Sequences.of(ModelPackage.read(folder), 8, 7);
  }

  @AfterAll
  static void unload() {
    sequences.close();
  }

  @BeforeEach
  void listen() {
    sharing.listeners().add(listener);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
    loop.close();
  }

  private BatchedSession session(Sequences.Alone alone) {
    Prefilled again = sequences.prefilledAgain(alone);
    return new BatchedSession(loop, sequences.stages, alone.row(), again);
  }

  /** Decodes a sequence; it pauses at random between tokens. */
  private int decode(Sequences.Alone alone, long seed) throws InterruptedException {
    Random random = new Random(seed);
    try (BatchedSession session = session(alone)) {
      for (int i = 0; i < alone.tokens().length; i++) {
        assertClose(session.logits(), alone.logits().get(i), LOGITS, "logits of token %d", i);
        if (random.nextInt(4) == 0) {
          TimeUnit.MILLISECONDS.sleep(random.nextInt(5));
        }
        session.append(alone.tokens()[i]);
      }
      assertThat(session.cachedTokens())
          .containsExactly(alone.prefilled().caches().tokens(0).get(0) + alone.tokens().length);
      return alone.tokens().length;
    }
  }

  @Test
  void moreRequestsThanRows_allGetWhatTheyGetAlone() throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int number = i;
      work.add(() -> decode(sequences.all.get(number % sequences.all.size()), number));
    }
    int tokens = 0;
    for (Future<Integer> one : threads.invokeAll(work)) {
      tokens += one.get();
    }

    assertThat(mostRows).hasValue(ROWS);
    assertThat(mostWaiting.get()).isPositive();
    assertThat(steps.get()).isLessThan(tokens);
  }

  @Test
  void aRequestThatRests_delaysNoOther() throws Exception {
    CountDownLatch others = new CountDownLatch(1);
    Sequences.Alone resting = sequences.all.get(0);
    Future<float[]> last =
        threads.submit(
            () -> {
              try (BatchedSession session = session(resting)) {
                session.append(resting.tokens()[0]);
                others.await();
                session.append(5);
                return session.logits();
              }
            });
    decode(sequences.all.get(1), 1);
    decode(sequences.all.get(2), 2);
    others.countDown();

    assertThat(last.get()).isNotEmpty();
  }

  @Test
  void aClosedSequenceGetsNoMoreTokens() {
    BatchedSession session = session(sequences.all.get(0));
    session.append(3);
    session.close();

    assertThatThrownBy(() -> session.append(4)).hasMessage("the sequence is closed");
    session.close();
  }

  @Test
  void aFailureEndsTheSequencesOfTheBatchAlone() {
    BatchedSession wrong = session(sequences.all.get(0));
    assertThatThrownBy(() -> wrong.append(1L << 40))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the batch of this sequence failed");
    wrong.close();

    try (BatchedSession session = session(sequences.all.get(1))) {
      session.append(3);
      assertThat(session.logits()).isNotEmpty();
    }
  }

  @Test
  void aThreadThatCannotStart_leavesNoRequestWaiting() {
    AtomicInteger batches = new AtomicInteger();
    BatchLoop failing =
        new BatchLoop(
            sharing,
            () -> {
              if (batches.getAndIncrement() == 0) {
                throw new IllegalStateException("no memory");
              }
              return sequences.batch();
            });
    Sequences.Alone alone = sequences.all.get(0);
    BatchedSession wrong =
        new BatchedSession(failing, sequences.stages, alone.row(), sequences.prefilledAgain(alone));
    // On another thread, because a step cannot be interrupted.
    Future<?> appending = threads.submit(() -> wrong.append(3));
    assertThatThrownBy(() -> appending.get(30, TimeUnit.SECONDS))
        .rootCause()
        .hasMessage("no memory");
    wrong.close();

    try (BatchedSession session =
        new BatchedSession(
            failing, sequences.stages, alone.row(), sequences.prefilledAgain(alone))) {
      session.append(3);
      assertThat(session.logits()).isNotEmpty();
    }
    failing.close();
  }

  @Test
  void afterClosing_nothingRuns() {
    loop.close();

    try (BatchedSession session = session(sequences.all.get(0))) {
      assertThatThrownBy(() -> session.append(3)).hasMessage("the decoder is closed");
    }
  }
}
