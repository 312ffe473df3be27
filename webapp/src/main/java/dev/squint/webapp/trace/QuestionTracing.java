package dev.squint.webapp.trace;

import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.RequestContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes a trace of each question and sends it to a collector, if the settings name one. A request
 * with {@code traceparent} (W3C) continues the trace of its client.
 */
@Component
public final class QuestionTracing implements AutoCloseable {

  private static final String SERVICE = "squint";
  private static final long SECONDS_TO_SEND_THE_LAST = 5;

  private final Tracer tracer;
  private final Propagator propagator;
  private final @Nullable SdkTracerProvider provider;

  QuestionTracing(ServerSettings settings) {
    String collector = settings.tracing().endpoint();
    if (collector.isEmpty()) {
      tracer = Tracer.NOOP;
      propagator = Propagator.NOOP;
      provider = null;
      return;
    }
    OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder().setEndpoint(collector).build();
    SdkTracerProvider spans =
        SdkTracerProvider.builder()
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.of(AttributeKey.stringKey("service.name"), SERVICE))))
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build();
    io.opentelemetry.api.trace.Tracer own = spans.get(SERVICE);
    tracer = new OtelTracer(own, new OtelCurrentTraceContext(), event -> {});
    propagator =
        new OtelPropagator(ContextPropagators.create(W3CTraceContextPropagator.getInstance()), own);
    provider = spans;
  }

  /** Begins the trace of a question that waits now. */
  public QuestionTrace begin(RequestContext request) {
    Span question =
        propagator
            .extract(request, (from, name) -> name.equals("traceparent") ? from.parent() : null)
            .name("question")
            .kind(Span.Kind.SERVER)
            .tag("squint.request", request.id())
            .start();
    return new QuestionTrace(tracer, question);
  }

  /** Sends what was not sent yet. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(SECONDS_TO_SEND_THE_LAST, TimeUnit.SECONDS);
    }
  }
}
