package dev.squint.webapp.trace;

import dev.squint.llm.RequestPhase;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;

/**
 * The trace of one question: a span for each phase, one after the other: {@code queue}, {@code
 * read} (files are decoded), {@code queue} again, {@code preprocess}, {@code encode}, {@code
 * prune}, {@code prompt}, {@code prefill}, {@code decode}. Thread-safe.
 */
public final class QuestionTrace {

  private final Tracer tracer;
  private final Span question;
  private @Nullable Span phase;
  private boolean ended;

  QuestionTrace(Tracer tracer, Span question) {
    this.tracer = tracer;
    this.question = question;
    next("queue");
  }

  /** Ends the current phase and begins another one. */
  public synchronized void next(String name) {
    endPhase();
    if (!ended) {
      phase = tracer.spanBuilder().setParent(question.context()).name(name).start();
    }
  }

  /** Begins the phase behind one of the model's that has ended. */
  public void ended(RequestPhase last) {
    switch (last) {
      case PREPROCESS -> next("encode");
      case ENCODE -> next("prune");
      case PRUNE -> next("prompt");
      case PROMPT -> next("prefill");
      case PREFILL -> next("decode");
      case GENERATE -> endPhaseAlone();
    }
  }

  /** Adds a fact of the question. */
  public void tag(String name, String value) {
    question.tag(name, value);
  }

  /**
   * Ends the trace; later calls change nothing.
   *
   * @param error what prevented the answer, or null
   */
  public synchronized void end(@Nullable Throwable error) {
    if (ended) {
      return;
    }
    endPhase();
    ended = true;
    if (error != null) {
      question.error(error);
    }
    question.end();
  }

  private synchronized void endPhaseAlone() {
    endPhase();
  }

  private void endPhase() {
    if (phase != null) {
      phase.end();
      phase = null;
    }
  }
}
