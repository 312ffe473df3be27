package dev.squint.webapp.answering;

import dev.squint.llm.AskOptions;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.trace.QuestionTrace;
import dev.squint.webapp.trace.QuestionTracing;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;

/**
 * Answers a bounded number of questions at a time, while a bounded number waits. A question whose
 * client disconnects leaves the queue, or ends before its next token.
 *
 * <p>When the server stops, waiting questions are refused first, then the answers in progress end,
 * at most until the deadline, then the web server sends what is left of their responses. Models are
 * closed after that.
 */
@Component
@DependsOn("modelRegistry") // So the models are closed after the queue.
public final class AnswerQueue implements AutoCloseable, SmartLifecycle {

  /** The phase of a stop in which answers end. */
  static final int PHASE = DEFAULT_PHASE;

  private final AnswerScheduler scheduler;
  private final AnswerMetrics metrics;
  private final QuestionTracing tracing;
  private final Duration deadline;
  private final AskOptions options;
  private volatile boolean started;

  AnswerQueue(ServerSettings settings, AnswerMetrics metrics, QuestionTracing tracing) {
    this.metrics = metrics;
    this.tracing = tracing;
    this.deadline = settings.work().deadline();
    this.options = AskOptions.DEFAULT.withDraftTokens(settings.work().draftTokens());
    this.scheduler = new AnswerScheduler(settings.work(), metrics.rate());
    metrics.watch(scheduler);
  }

  /**
   * Answers a question at the first subscription.
   *
   * @return pieces of text, then one {@link AnswerEvent.Finished}; or an {@link ApiException}, at
   *     once if the question is beyond a limit or the queue is full
   */
  public Flux<AnswerEvent> answer(
      ServedModel served, QuestionRequest question, RequestContext request) {
    return Flux.create(
        sink -> {
          QuestionTrace trace = tracing.begin(request);
          AnswerJob job;
          try {
            QuestionRequest checked = served.checked(question);
            job = new AnswerJob(served, checked, options, request, metrics, trace, sink);
            scheduler.submit(job);
          } catch (ApiException e) {
            metrics.refused(e);
            trace.end(e);
            sink.error(e);
            return;
          }
          AnswerJob submitted = job;
          sink.onDispose(
              () -> {
                submitted.cancel();
                trace.end(null);
                scheduler.cancel(submitted);
              });
        });
  }

  @Override
  public void start() {
    started = true;
  }

  /** Refuses new and waiting questions. */
  @Override
  public void stop() {
    started = false;
    scheduler.stop();
  }

  /** Refuses new and waiting questions; the callback runs when the answers in progress ended. */
  @Override
  public void stop(Runnable callback) {
    stop();
    Thread waits =
        new Thread(
            () -> {
              try {
                scheduler.close(deadline);
              } finally {
                callback.run();
              }
            },
            "stopping");
    waits.start();
  }

  @Override
  public boolean isRunning() {
    return started;
  }

  /** Before the web server, which then has only to send what is written. */
  @Override
  public int getPhase() {
    return PHASE;
  }

  /** Waits for the answers in progress, at most until the deadline. */
  @Override
  public void close() {
    scheduler.close(deadline);
  }
}
