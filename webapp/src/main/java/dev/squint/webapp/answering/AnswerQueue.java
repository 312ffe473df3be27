package dev.squint.webapp.answering;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.ContextExceeded;
import dev.squint.llm.FinishReason;
import dev.squint.llm.PointReport;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * Answers questions, a bounded number at a time, while a bounded number waits. A question whose
 * asker goes away leaves the queue, or ends before its next token.
 */
@Component
public final class AnswerQueue implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AnswerQueue.class);
  private static final double NANOS_PER_MILLI = 1e6;

  private final VisionLanguageModel model;
  private final ConversationReader reader;
  private final QuestionLimits limits;
  private final Duration deadline;
  private final ThreadPoolExecutor workers;
  private final AnswerMetrics metrics;

  AnswerQueue(
      VisionLanguageModel model,
      PictureReader pictures,
      ServerSettings settings,
      AnswerMetrics metrics) {
    this.model = model;
    this.reader = new ConversationReader(settings, pictures, model.frameRule());
    this.limits =
        new QuestionLimits(settings.limits(), pictures, model.tiler(), new PictureContext(model));
    this.deadline = settings.work().deadline();
    this.metrics = metrics;
    int threads = settings.work().answers();
    int waiting = settings.work().queue();
    BlockingQueue<Runnable> queue =
        waiting == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(waiting);
    this.workers =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, queue, task -> new Thread(task, "answer"));
    metrics.watch(workers);
  }

  /**
   * Answers a question once somebody listens.
   *
   * @return pieces of text, then one {@link AnswerEvent.Finished}; or a {@link ApiException}, at
   *     once if the question asks for too much or the queue is full
   */
  public Flux<AnswerEvent> answer(QuestionRequest question) {
    return Flux.create(
        sink -> {
          Job job = new Job(question, sink);
          try {
            limits.check(question);
            check(question.plan());
            workers.execute(job);
          } catch (RejectedExecutionException full) {
            metrics.rejected();
            sink.error(busy());
            return;
          } catch (ApiException refusal) {
            sink.error(refusal);
            return;
          }
          sink.onDispose(job::cancel);
        });
  }

  /**
   * Says whether the model can follow a plan.
   *
   * @throws ApiException if not
   */
  public void check(PruningPlan plan) {
    try {
      model.check(plan);
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "invalid_plan", "plan", String.valueOf(e.getMessage()));
    }
  }

  private ApiException busy() {
    int waiting = workers.getQueue().size();
    double seconds = metrics.meanSeconds() * (waiting + 1) / workers.getMaximumPoolSize();
    return new ApiException(
            HttpStatus.TOO_MANY_REQUESTS,
            "server_busy",
            null,
            "%d questions are waiting already; try again later".formatted(waiting))
        .retryAfter(Duration.ofMillis((long) Math.min(60_000, 1000 * Math.ceil(seconds))));
  }

  /** Takes no more questions and waits for those in progress. */
  @Override
  public void close() {
    workers.shutdown();
    try {
      if (!workers.awaitTermination(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      workers.shutdownNow();
    }
  }

  /** One question on its way. */
  private final class Job implements Runnable {

    private final QuestionRequest question;
    private final FluxSink<AnswerEvent> sink;
    private final long asked = System.nanoTime();
    private volatile boolean cancelled;

    Job(QuestionRequest question, FluxSink<AnswerEvent> sink) {
      this.question = question;
      this.sink = sink;
    }

    void cancel() {
      cancelled = true;
      workers.remove(this);
    }

    @Override
    public void run() {
      double queueMillis = (System.nanoTime() - asked) / NANOS_PER_MILLI;
      try {
        answer(queueMillis);
      } catch (ContextExceeded e) {
        sink.error(PictureContext.exceeded(String.valueOf(e.getMessage())));
      } catch (IllegalArgumentException e) {
        sink.error(isLate() ? late() : ApiException.invalid(null, String.valueOf(e.getMessage())));
      } catch (ApiException refusal) {
        sink.error(refusal);
      } catch (RuntimeException | OutOfMemoryError e) {
        LOG.error("a question could not be answered", e);
        sink.error(
            new ApiException(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "internal_error",
                null,
                "the question could not be answered; the server's log says why"));
      }
    }

    private void answer(double queueMillis) {
      if (cancelled) {
        return;
      }
      refuseIfLate();
      long begun = System.nanoTime();
      List<Message> conversation =
          reader.read(question.conversation(), () -> cancelled || isLate());
      double readMillis = (System.nanoTime() - begun) / NANOS_PER_MILLI;
      StopTexts stops = new StopTexts(question.stops());
      StringBuilder text = new StringBuilder();
      List<PointReport> reports = new ArrayList<>();
      AskOptions options =
          AskOptions.DEFAULT
              .withPlan(question.plan())
              .withMaxTokens(question.maxTokens())
              .withSampler(question.sampler())
              .reportingTo(reports::add)
              .streamingTo(piece -> show(stops.add(piece), text))
              .cancelledBy(() -> cancelled || stops.reached() || isLate());
      Answer answer = model.ask(conversation, options);
      show(stops.end(), text);
      boolean unwanted = answer.finishReason() == FinishReason.CANCELLED && !stops.reached();
      metrics.answered(readMillis, unwanted);
      if (cancelled) {
        return;
      }
      if (unwanted) {
        throw late();
      }
      TokenOverlay map =
          question.wantsMap()
              ? TokenOverlay.of(conversation, model.tiles(conversation, answer), answer, reports)
              : null;
      sink.next(
          new AnswerEvent.Finished(
              text.toString(),
              stops.reached() ? FinishReason.STOP : answer.finishReason(),
              answer.promptTokens(),
              answer.completionTokens(),
              Measurements.of(
                  answer,
                  reports,
                  ClipFrames.of(conversation, answer),
                  queueMillis,
                  readMillis,
                  map)));
      sink.complete();
    }

    private void show(String piece, StringBuilder text) {
      if (!piece.isEmpty()) {
        text.append(piece);
        sink.next(new AnswerEvent.Piece(piece));
      }
    }

    private boolean isLate() {
      return System.nanoTime() - asked > deadline.toNanos();
    }

    private void refuseIfLate() {
      if (isLate()) {
        throw late();
      }
    }

    private ApiException late() {
      return new ApiException(
          HttpStatus.GATEWAY_TIMEOUT,
          "deadline_exceeded",
          null,
          "the answer was not complete after %d seconds; ask for fewer tokens, smaller pictures or a plan that keeps less"
              .formatted(deadline.toSeconds()));
    }
  }
}
