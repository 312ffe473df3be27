package dev.squint.webapp.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.encoder.EncoderUnavailableException;
import dev.squint.webapp.encode.EncodePeers.Peer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;

class HedgedCallTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration SHORT = Duration.ofMillis(1);

  private final List<Peer> peers = new EncodePeers(List.of("a", "b", "c"), LONG).order("x");
  private final Map<Peer, CompletableFuture<HttpResponse<byte[]>>> answers = new HashMap<>();
  private final List<Peer> asked = new ArrayList<>();
  private boolean mayHedge = true;

  private HedgedCall call(String... replies) {
    for (int i = 0; i < replies.length; i++) {
      answers.put(
          peers.get(i),
          switch (replies[i]) {
            case "never" -> new CompletableFuture<>();
            case "gone" -> CompletableFuture.failedFuture(new IOException("gone"));
            default ->
                CompletableFuture.completedFuture(new Response(Integer.parseInt(replies[i]), i));
          });
    }
    return new HedgedCall(
        peers.subList(0, replies.length),
        peer -> {
          asked.add(peer);
          return Objects.requireNonNull(answers.get(peer));
        },
        () -> mayHedge);
  }

  @Test
  void theFirstAnswers_noOtherIsAsked() {
    HedgedCall call = call("200", "200");
    assertThat(call.answer(LONG, LONG)).containsExactly(0);
    assertThat(asked).hasSize(1);
    assertThat(call.hedged()).isFalse();
  }

  @Test
  void aSlowReplica_isHedgedOnce_andItsRequestIsCancelled() {
    HedgedCall call = call("never", "200", "200");
    assertThat(call.answer(SHORT, LONG)).containsExactly(1);
    assertThat(asked).hasSize(2);
    assertThat(call.hedged()).isTrue();
    assertThat(answers.get(peers.get(0))).isNotNull().isCancelled();
  }

  @Test
  void withoutBudget_aSlowReplicaIsWaitedFor() {
    mayHedge = false;
    assertThatThrownBy(() -> call("never", "200").answer(SHORT, Duration.ofMillis(20)))
        .isInstanceOf(EncoderUnavailableException.class);
    assertThat(asked).hasSize(1);
  }

  @Test
  void aTenthOfTheRequests_mayBeSentTwice() {
    HedgeBudget budget = new HedgeBudget();
    int hedged = 0;
    for (int i = 0; i < 1000; i++) {
      budget.asked();
      hedged += budget.take() ? 1 : 0;
    }
    // Ten are saved at the start.
    assertThat(hedged).isBetween(100, 110);
  }

  @Test
  void failedReplicas_areNotAskedAgain() {
    assertThat(call("gone", "503", "200").answer(LONG, LONG)).containsExactly(2);
    assertThat(peers.get(0).breaker().isPaused()).isTrue();
    assertThat(peers.get(1).breaker().isPaused()).isTrue();
    assertThat(peers.get(2).breaker().isPaused()).isFalse();
  }

  @Test
  void withoutAGoodAnswer_theErrorSaysWhatHappened() {
    assertThatThrownBy(() -> call("gone", "409", "500").answer(LONG, LONG))
        .isInstanceOf(EncoderUnavailableException.class)
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("has another encoder")
        .hasMessageContaining("status 500")
        .hasMessageContaining("try again later");
  }

  @Test
  void whenAllAreSlow_theDeadlineEndsTheWait() {
    assertThatThrownBy(() -> call("never", "never").answer(SHORT, Duration.ofMillis(20)))
        .isInstanceOf(EncoderUnavailableException.class)
        .hasMessageContaining("in time");
    assertThat(answers.values()).allMatch(CompletableFuture::isCancelled);
  }

  @Test
  void aRefusedRequest_isNotAskedAgain() {
    assertThatIllegalArgumentException().isThrownBy(() -> call("400", "200").answer(LONG, LONG));
    assertThat(asked).hasSize(1);
  }

  @Test
  void oneReplicaMore_movesAFewRequests() {
    EncodePeers three = new EncodePeers(List.of("a", "b", "c"), LONG);
    EncodePeers four = new EncodePeers(List.of("a", "b", "c", "d"), LONG);
    Set<String> first = new HashSet<>();
    int moved = 0;
    for (int i = 0; i < 400; i++) {
      String before = three.order("tile " + i).get(0).address();
      String after = four.order("tile " + i).get(0).address();
      first.add(before);
      assertThat(after).isIn(before, "d");
      moved += before.equals(after) ? 0 : 1;
    }
    assertThat(first).containsExactlyInAnyOrder("a", "b", "c");
    // 100 on average; the standard deviation is 9.
    assertThat(moved).isBetween(50, 150);
  }

  @Test
  void theSlowestTwentiethIsLeftOut() {
    RecentTimes times = new RecentTimes();
    assertThat(times.most(LONG)).isEqualTo(LONG);
    for (int i = 1; i <= 100; i++) {
      times.add(i);
    }
    assertThat(times.most(LONG)).isEqualTo(Duration.ofNanos(95));
    for (int i = 0; i < 128; i++) {
      times.add(3);
    }
    assertThat(times.most(LONG)).isEqualTo(Duration.ofNanos(3));
  }

  private record Response(int statusCode, int number) implements HttpResponse<byte[]> {
    @Override
    public byte[] body() {
      return new byte[] {(byte) number};
    }

    @Override
    public HttpRequest request() {
      return HttpRequest.newBuilder(uri()).build();
    }

    @Override
    public Optional<HttpResponse<byte[]>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(Map.of(), (name, value) -> true);
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return Optional.empty();
    }

    @Override
    public URI uri() {
      return URI.create("http://localhost");
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_2;
    }
  }
}
