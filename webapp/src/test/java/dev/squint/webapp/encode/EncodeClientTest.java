package dev.squint.webapp.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.vision.onnx.Cancellation;
import dev.squint.webapp.RunningServer;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.ServerSettings.Encode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** The client of encode replicas before a server that speaks HTTP/2 and encodes nothing. */
class EncodeClientTest {

  private static final long LONG = 1L << 30;
  private static final long PATIENCE = RunningServer.PATIENCE.toNanos();

  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final DisposableServer server =
      HttpServer.create()
          .host("127.0.0.1")
          .port(0)
          .protocol(HttpProtocol.H2C, HttpProtocol.HTTP11)
          .doOnChannelInit((observer, channel, remote) -> BodylessUpgrade.addTo(channel.pipeline()))
          .handle(this::answer)
          .bindNow();

  private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
    String path = "/" + request.path();
    seen.add(request.method() + " " + path + " " + request.version().majorVersion());
    if (!path.equals("/api/encode")) {
      return request
          .receive()
          .aggregate()
          .asString()
          .defaultIfEmpty("")
          .flatMap(
              body -> {
                seen.add(body);
                return response.sendString(Mono.just("")).then();
              });
    }
    return request
        .receive()
        .aggregate()
        .asString()
        .flatMap(
            body ->
                switch (body) {
                  case "never" -> {
                    begun.countDown();
                    yield Mono.<Void>never().doOnCancel(ended::countDown);
                  }
                  case "endless" ->
                      response
                          .sendByteArray(Flux.generate(sink -> sink.next(new byte[8192])))
                          .then()
                          .doOnCancel(ended::countDown)
                          .doFinally(end -> ended.countDown());
                  default -> response.sendString(Mono.just(body)).then();
                });
  }

  private EncodeClient client(String replicas, int queue) {
    ServerSettings settings =
        new Binder(
                new MapConfigurationPropertySource(
                    Map.of(
                        "squint.role",
                        "answer",
                        "squint.encode.replicas",
                        replicas,
                        "squint.encode.queue",
                        queue)))
            .bind("squint", ServerSettings.class)
            .get();
    assertThat(settings.encode()).extracting(Encode::queue).isEqualTo(queue);
    return new EncodeClient(settings, RunningServer.JSON, new SimpleMeterRegistry());
  }

  private EncodeClient client(int queue) {
    return client("http://127.0.0.1:" + server.port(), queue);
  }

  /** A connection that asks for an upgrade to HTTP/2, without a body. */
  private Socket upgrading(String request, String header) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout((int) RunningServer.PATIENCE.toMillis());
    socket
        .getOutputStream()
        .write(
            bytes(
                request
                    + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
                    + header
                    + "\r\n"));
    return socket;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() {
    server.dispose();
  }

  @Test
  void laterRequests_areOverHttp2_alsoWhenTheFirstHasABody() throws Exception {
    try (EncodeClient client = client(4)) {
      assertThat(client.encode(bytes("a"), LONG)).isEqualTo(bytes("a"));
      assertThat(seen).first().isEqualTo("POST /api/encode 1");
      long start = System.nanoTime();
      while (!seen.get(seen.size() - 1).equals("POST /api/encode 2")) {
        assertThat(System.nanoTime() - start).isLessThan(PATIENCE);
        client.encode(bytes("b"), LONG);
      }
    }
  }

  /** As a client without Squint would, so that nothing of the body is gathered for it. */
  @Test
  void anUpgradeWithABody_isAnsweredOverHttp1_beforeTheBodyWasSent() throws Exception {
    try (Socket socket = upgrading("POST /api/encode", "Content-Length: 20000000\r\n")) {
      assertThat(socket.isConnected()).isTrue();
      long start = System.nanoTime();
      while (!seen.contains("POST /api/encode 1")) {
        assertThat(System.nanoTime() - start).isLessThan(PATIENCE);
        Thread.sleep(1);
      }
    }
  }

  @Test
  void anUpgradeWithoutABody_isMade() throws Exception {
    try (Socket socket = upgrading("GET /health", "")) {
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 101");
    }
  }

  @Test
  void anAnswerBeyondItsBound_isAFailedReplica_andItsExchangeEnds() throws Exception {
    try (EncodeClient client = client(4)) {
      assertThat(client.encode(bytes("12345678"), 8)).hasSize(8);
      assertThatThrownBy(() -> client.encode(bytes("123456789"), 8))
          .isInstanceOf(EncoderUnavailableException.class)
          .hasMessageContaining("answered with more than the 8 bytes");
      assertThatThrownBy(() -> client.encode(bytes("endless"), 1 << 20))
          .isInstanceOf(EncoderUnavailableException.class)
          .hasMessageContaining("answered with more than the 1048576 bytes");
      assertThat(ended.await(PATIENCE, TimeUnit.NANOSECONDS)).isTrue();
    }
  }

  @Test
  void aConnectionThatEndsBeforeTheAnswer_isTriedOnceMore() throws IOException {
    AtomicInteger posts = new AtomicInteger();
    com.sun.net.httpserver.HttpServer closing =
        com.sun.net.httpserver.HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    closing.createContext(
        "/",
        exchange -> {
          boolean encodes = exchange.getRequestMethod().equals("POST");
          byte[] body = exchange.getRequestBody().readAllBytes();
          int number = encodes ? posts.incrementAndGet() : 0;
          if (number != 2 && number < 4) {
            exchange.sendResponseHeaders(200, Math.max(1, body.length));
            exchange.getResponseBody().write(encodes ? body : new byte[1]);
          }
          exchange.close();
        });
    closing.start();
    try (EncodeClient client = client("http://127.0.0.1:" + closing.getAddress().getPort(), 4)) {
      assertThat(client.encode(bytes("a"), LONG)).isEqualTo(bytes("a"));
      assertThat(client.encode(bytes("b"), LONG)).isEqualTo(bytes("b"));
      assertThat(posts).hasValue(3);
      // Not for ever.
      assertThatThrownBy(() -> client.encode(bytes("c"), LONG))
          .isInstanceOf(EncoderUnavailableException.class)
          .hasMessageContaining("cannot be reached");
      assertThat(posts).hasValue(5);
    } finally {
      closing.stop(0);
    }
  }

  @Test
  void aClientThatLeaves_endsTheExchange_andFreesItsSlot() throws Exception {
    try (EncodeClient client = client(1)) {
      client.encode(bytes("a"), LONG);
      List<Supplier<byte[]>> never = List.of(() -> client.encode(bytes("never"), LONG));
      Cancellation watched = Cancellation.watching(() -> begun.getCount() == 0);
      try {
        assertThatThrownBy(() -> client.run(never)).isInstanceOf(CancellationException.class);
      } finally {
        watched.close();
      }
      assertThat(ended.await(PATIENCE, TimeUnit.NANOSECONDS)).isTrue();
      assertThat(client.run(List.of(() -> client.encode(bytes("b"), LONG)))).hasSize(1);
    }
  }

  @Test
  void whenNoReplicaAnswersChecks_laterOnesDoNotWait() {
    try (EncodeClient client = client("http://127.0.0.1:1", 4)) {
      PruningPlan plan = PruningPlan.parse("encoder2:tome(keep=0.5)");
      assertThatThrownBy(() -> client.refusal("f", plan)).hasMessageContaining("cannot be reached");
      assertThatThrownBy(() -> client.refusal("f", plan))
          .isInstanceOf(EncoderUnavailableException.class)
          .hasMessageContaining("a moment ago");
    }
  }

  @Test
  void aPlanLongerThanAnAddress_isSent() {
    String step = "encoder2:tome(keep=0.5)";
    StringBuilder text = new StringBuilder(step);
    for (int layer = 3; text.length() < 10_000; layer++) {
      text.append(" + ").append(step.replace("2:", layer + ":"));
    }
    PruningPlan plan = PruningPlan.parse(text.toString());
    try (EncodeClient client = client(4)) {
      assertThat(client.refusal("f", plan)).isEmpty();
    }
    assertThat(seen).contains(plan.toString());
  }

  @Test
  void aQuestionWithMoreRequestsThanSlots_sendsThemOneAfterTheOther() {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Supplier<Integer>> requests = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      int number = i;
      requests.add(
          () -> {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            open.decrementAndGet();
            return number;
          });
    }
    try (EncodeSlots one = new EncodeSlots(1, () -> {});
        EncodeSlots four = new EncodeSlots(4, () -> {})) {
      assertThat(one.run(requests)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(most).hasValue(1);
      assertThat(four.run(requests)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(one.free()).isEqualTo(1);
      CyclicBarrier two = new CyclicBarrier(2);
      Supplier<Integer> meets =
          () -> {
            try {
              return two.await(PATIENCE, TimeUnit.NANOSECONDS);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          };
      // Half of the slots of a question; the other half is for others.
      assertThat(four.run(List.of(meets, meets))).containsExactlyInAnyOrder(0, 1);
    }
  }

  @Test
  void withoutAFreeSlot_aQuestionIsRefused_andAFailureEndsTheOtherRequests() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    try (EncodeSlots slots = new EncodeSlots(2, refused::incrementAndGet);
        EncodeSlots four = new EncodeSlots(4, () -> {})) {
      Supplier<Integer> third = () -> slots.run(List.<Supplier<Integer>>of(() -> 3)).get(0);
      Supplier<Integer> second = () -> slots.run(List.of(third)).get(0);
      assertThatThrownBy(() -> slots.run(List.of(second)))
          .isInstanceOf(EncoderUnavailableException.class)
          .hasMessageContaining("2 requests wait");
      assertThat(refused).hasValue(1);
      assertThat(slots.free()).isEqualTo(2);
      CountDownLatch waits = new CountDownLatch(1);
      Thread asking = Thread.currentThread();
      Supplier<Integer> fails =
          () -> {
            try {
              if (Thread.currentThread() != asking) {
                waits.countDown();
                while (true) {
                  Cancellation.throwIfCancelled();
                  Thread.sleep(1);
                }
              }
              waits.await(PATIENCE, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            throw new EncoderUnavailableException("gone");
          };
      assertThatThrownBy(() -> four.run(List.of(fails, fails))).hasMessage("gone");
      CountDownLatch both = new CountDownLatch(2);
      Supplier<Integer> elsewhere =
          () -> {
            both.countDown();
            try {
              both.await(PATIENCE, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            if (Thread.currentThread() != asking) {
              throw new EncoderUnavailableException("gone elsewhere");
            }
            return 1;
          };
      assertThatThrownBy(() -> four.run(List.of(elsewhere, elsewhere)))
          .hasMessage("gone elsewhere");
      long start = System.nanoTime();
      while (four.free() < 4) {
        assertThat(System.nanoTime() - start).isLessThan(PATIENCE);
        Thread.sleep(1);
      }
    }
  }
}
