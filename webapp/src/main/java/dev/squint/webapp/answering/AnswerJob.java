package dev.squint.webapp.answering;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.ContextExceeded;
import dev.squint.llm.FinishReason;
import dev.squint.llm.PointReport;
import dev.squint.llm.chat.Message;
import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.webapp.http.ApiException;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.trace.QuestionTrace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.FluxSink;

/** One question: its files are decoded, then it is answered. Each step runs once, in this order. */
final class AnswerJob {

  private static final Logger LOG = LoggerFactory.getLogger(AnswerJob.class);
  private static final double NANOS_PER_MILLI = 1e6;

  private final ServedModel served;
  private final QuestionRequest question;
  private final AskOptions defaults;
  private final RequestContext request;
  private final AnswerMetrics metrics;
  private final QuestionTrace trace;
  private final FluxSink<AnswerEvent> sink;
  private final long asked = System.nanoTime();
  private volatile boolean cancelled;
  private @Nullable Decoded decoded;

  private record Decoded(List<Message> conversation, double millis) {}

  AnswerJob(
      ServedModel served,
      QuestionRequest question,
      AskOptions defaults,
      RequestContext request,
      AnswerMetrics metrics,
      QuestionTrace trace,
      FluxSink<AnswerEvent> sink) {
    this.served = served;
    this.question = question;
    this.defaults = defaults;
    this.request = request;
    this.metrics = metrics;
    this.trace = trace;
    trace.tag("squint.model", served.id());
    trace.tag("squint.plan", question.plan().toString());
    this.sink = sink;
  }

  String client() {
    return request.client();
  }

  boolean needsDecoding() {
    return decoded == null && question.hasMedia();
  }

  /** Ends the job before its next step, row block or token; no client waits for the answer. */
  void cancel() {
    cancelled = true;
  }

  void fail(ApiException error) {
    trace.end(error);
    sink.error(error);
  }

  /** Decodes the files; false if the question ends here. */
  boolean decode() {
    return inContext(
        () -> {
          if (cancelled) {
            return false;
          }
          long begun = System.nanoTime();
          trace.next("read");
          List<Message> conversation =
              served.reader().read(question.conversation(), () -> cancelled);
          trace.next("queue");
          decoded = new Decoded(conversation, (System.nanoTime() - begun) / NANOS_PER_MILLI);
          return !cancelled;
        });
  }

  /** Answers the question. */
  void answer() {
    inContext(
        () -> {
          if (!cancelled) {
            Decoded files = decoded;
            answer(
                files == null
                    ? new Decoded(served.reader().read(question.conversation(), () -> cancelled), 0)
                    : files);
          }
          return true;
        });
  }

  /** A step that may fail; false if it failed. */
  @FunctionalInterface
  private interface Step {
    boolean run();
  }

  private boolean inContext(Step step) {
    MDC.put("request", request.id());
    try {
      return step.run();
    } catch (RuntimeException | Error e) {
      if (!cancelled) {
        fail(error(e, request.id()));
      }
    } finally {
      MDC.remove("request");
    }
    return false;
  }

  /** The error that a failed request answers with; failures of the server itself are logged. */
  static ApiException error(Throwable error, String request) {
    if (error instanceof ApiException known) {
      return known;
    }
    if (error instanceof EncoderUnavailableException encoder) {
      return ApiException.encoderUnavailable(encoder);
    }
    if (error instanceof DeviceUnavailableException device) {
      LOG.error("request {} found no device", request, device);
      return ApiException.deviceUnavailable(device);
    }
    if (error instanceof ContextExceeded) {
      return PictureContext.exceeded(String.valueOf(error.getMessage()));
    }
    if (error instanceof IllegalArgumentException) {
      return ApiException.invalid(null, String.valueOf(error.getMessage()));
    }
    LOG.error("request {} could not be answered", request, error);
    return new ApiException(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        null,
        "the question could not be answered; the server's log has the reason under request "
            + request);
  }

  private void answer(Decoded files) {
    double queueMillis = (System.nanoTime() - asked) / NANOS_PER_MILLI - files.millis();
    StopTexts stops = new StopTexts(question.stops());
    StringBuilder text = new StringBuilder();
    List<PointReport> reports = new ArrayList<>();
    AskOptions options =
        question
            .sampling()
            .apply(defaults)
            .withPlan(
                RegionPruner.before(
                    question.plan(), question.regions(), RegionFrames.of(files.conversation())))
            .withMaxTokens(question.maxTokens())
            .reportingTo(reports::add)
            .notifyingOf(trace::ended)
            .streamingTo(piece -> show(stops.add(piece), text))
            .cancelledBy(() -> cancelled || stops.reached());
    trace.next("preprocess");
    Answer answer = served.model().ask(files.conversation(), options);
    show(stops.end(), text);
    metrics.answered(answer, files.millis(), cancelled);
    if (cancelled) {
      return;
    }
    trace.tag("squint.tokens.prompt", Integer.toString(answer.promptTokens()));
    trace.tag("squint.tokens.completion", Integer.toString(answer.completionTokens()));
    TokenOverlay map =
        question.wantsMap()
            ? TokenOverlay.of(
                files.conversation(),
                served.model().tiles(files.conversation(), answer),
                answer,
                reports)
            : null;
    sink.next(
        new AnswerEvent.Finished(
            served.id(),
            text.toString(),
            stops.reached() ? FinishReason.STOP : answer.finishReason(),
            answer.promptTokens(),
            answer.completionTokens(),
            Measurements.of(
                answer,
                question.plan(),
                reports,
                ClipFrames.of(files.conversation(), answer),
                Math.max(0, queueMillis),
                files.millis(),
                map)));
    trace.end(null);
    sink.complete();
  }

  private void show(String piece, StringBuilder text) {
    if (!piece.isEmpty()) {
      text.append(piece);
      sink.next(new AnswerEvent.Piece(served.id(), piece));
    }
  }
}
