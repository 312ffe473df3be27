package dev.squint.webapp.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpServer;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Traces as a collector of OpenTelemetry gets them (protobuf of {@code trace.proto}). */
class QuestionTracingTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";

  /** A span: name, ids in hexadecimal digits, and times in ns. */
  private record Span(
      String name, String trace, String id, String parent, long start, long end, int status) {

    static Span of(UnknownFieldSet fields) {
      UnknownFieldSet.Field status = fields.getField(15);
      return new Span(
          fields.getField(5).getLengthDelimitedList().get(0).toStringUtf8(),
          hex(fields.getField(1)),
          hex(fields.getField(2)),
          hex(fields.getField(4)),
          fields.getField(7).getFixed64List().get(0),
          fields.getField(8).getFixed64List().get(0),
          status.getLengthDelimitedList().isEmpty()
              ? 0
              : status.getLengthDelimitedList().get(0).size());
    }

    private static String hex(UnknownFieldSet.Field field) {
      List<ByteString> values = field.getLengthDelimitedList();
      return values.isEmpty() ? "" : HexFormat.of().formatHex(values.get(0).toByteArray());
    }
  }

  private final Queue<byte[]> received = new ConcurrentLinkedQueue<>();

  private HttpServer collector() throws IOException {
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          received.add(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    return collector;
  }

  private List<Span> spans() throws IOException {
    List<Span> spans = new ArrayList<>();
    for (byte[] body : received) {
      for (UnknownFieldSet resource : messages(UnknownFieldSet.parseFrom(body), 1)) {
        for (UnknownFieldSet scope : messages(resource, 2)) {
          messages(scope, 2).forEach(span -> spans.add(Span.of(span)));
        }
      }
    }
    spans.sort(Comparator.comparingLong(Span::start).thenComparing(Span::end));
    return spans;
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field) throws IOException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }

  @Test
  void aQuestion_hasASpanForEachPhase_inTheTraceOfItsClient() throws IOException {
    HttpServer collector = collector();
    try {
      String endpoint = "http://localhost:%d/v1/traces".formatted(collector.getAddress().getPort());
      try (RunningServer server = RunningServer.start("--squint.tracing.endpoint=" + endpoint)) {
        String body =
            "{\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"What?\"}]}]}"
                .formatted(RunningServer.dataUrl("shapes.png"));
        String parent = "00-%s-%s-01".formatted(TRACE, PARENT);
        assertThat(server.chat(body, "traceparent", parent).statusCode()).isEqualTo(200);
        String broken = body.replace("image/png;base64,", "image/png;base64,AAAA");
        assertThat(server.chat(broken).statusCode()).isBetween(400, 499);
      }
    } finally {
      collector.stop(0);
    }
    List<Span> all = spans();
    Span question =
        all.stream().filter(span -> span.parent().equals(PARENT)).findFirst().orElseThrow();
    assertThat(question.name()).isEqualTo("question");
    assertThat(question.trace()).isEqualTo(TRACE);
    List<Span> phases = all.stream().filter(span -> span.parent().equals(question.id())).toList();
    assertThat(phases)
        .extracting(Span::name)
        .containsExactly(
            "queue",
            "read",
            "queue",
            "preprocess",
            "encode",
            "prune",
            "prompt",
            "prefill",
            "decode");
    assertThat(phases).allMatch(span -> span.trace().equals(TRACE));
    for (int i = 1; i < phases.size(); i++) {
      assertThat(phases.get(i).start()).isGreaterThanOrEqualTo(phases.get(i - 1).end());
    }
    assertThat(question.start()).isLessThanOrEqualTo(phases.get(0).start());
    assertThat(question.end()).isGreaterThanOrEqualTo(phases.get(phases.size() - 1).end());

    Span failed =
        all.stream()
            .filter(span -> span.name().equals("question") && !span.trace().equals(TRACE))
            .findFirst()
            .orElseThrow();
    assertThat(failed.status()).as("has a status of error").isPositive();
    assertThat(all).filteredOn(span -> span.parent().equals(failed.id())).isNotEmpty();
  }

  @Test
  void anAddressThatIsNone_stopsTheStart() {
    assertThatThrownBy(() -> RunningServer.start("--squint.tracing.endpoint=localhost:4318"))
        .hasStackTraceContaining("squint.tracing.endpoint takes an address such as http://");
  }
}
