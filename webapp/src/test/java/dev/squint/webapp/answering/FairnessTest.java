package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One client sends 100 questions, another one a single question behind them. */
class FairnessTest {

  private static final int MANY = 100;
  private static final String PICTURE = RunningServer.dataUrl("shapes.png");

  /** Long enough that the single question arrives and is decoded while one answer is generated. */
  private static final int TOKENS = 300;

  private static final String TEXT =
      "{\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";
  private static final String WITH_PICTURE =
      "{\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\""
          + PICTURE
          + "\"}},{\"type\":\"text\",\"text\":\"Go on.\"}]}]}";

  private static RunningServer server;

  @BeforeAll
  static void start() {
    server =
        RunningServer.start(
            "--model=" + RunningServer.modelThatNeverStops(),
            "--squint.keys.many=many",
            "--squint.keys.one=one",
            "--squint.work.answers=1",
            "--squint.work.queue=" + MANY,
            "--squint.work.deadline=" + RunningServer.FAR_DEADLINE,
            "--squint.limits.tokens=100000");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, true", "true, false", "false, true"})
  void theSingleQuestion_waitsForOneAnswerAtMost(boolean picturesOfMany, boolean pictureOfOne)
      throws Exception {
    server.awaitIdle();
    AtomicInteger answered = new AtomicInteger();
    List<CompletableFuture<?>> asked = new ArrayList<>();
    HttpClient many = HttpClient.newHttpClient();
    for (int i = 0; i < MANY; i++) {
      asked.add(
          send(many, "many", picturesOfMany)
              .thenAccept(
                  response -> {
                    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                    answered.incrementAndGet();
                  }));
    }
    await(() -> waiting() + answered.get() >= MANY - 1);
    int seen = answered.get();
    // An answer has just begun then.
    await(() -> answered.get() > seen);

    int before = answered.get();
    HttpResponse<String> one =
        send(HttpClient.newHttpClient(), "one", pictureOfOne)
            .get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);

    assertThat(one.statusCode()).as(one.body()).isEqualTo(200);
    assertThat(answered.get() - before).as("answers of the other client").isLessThanOrEqualTo(1);
    assertThat(asked).noneMatch(CompletableFuture::isCompletedExceptionally);
    asked.forEach(question -> question.cancel(true));
  }

  private static CompletableFuture<HttpResponse<String>> send(
      HttpClient client, String key, boolean picture) {
    return client.sendAsync(
        server
            .request(
                "/v1/chat/completions",
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + key)
            .POST(BodyPublishers.ofString((picture ? WITH_PICTURE : TEXT).formatted(TOKENS)))
            .build(),
        BodyHandlers.ofString());
  }

  private static double waiting() {
    return server.metric("squint_questions_waiting", "Authorization", "Bearer one");
  }

  private static void await(BooleanSupplier reached) throws InterruptedException {
    long start = System.nanoTime();
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime() - start).isLessThan(RunningServer.PATIENCE.toNanos());
      Thread.sleep(1);
    }
  }
}
