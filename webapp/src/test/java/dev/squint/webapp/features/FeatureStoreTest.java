package dev.squint.webapp.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.squint.webapp.ResultTable;
import dev.squint.webapp.RunningServer;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Two servers before a real Redis server. Neither has a cache of its own. */
@TestMethodOrder(MethodOrderer.MethodName.class)
class FeatureStoreTest {

  private static final ResultTable TABLE =
      ResultTable.of(
          "features",
          """
          # The store of features

          Two servers with the small model of the tests share a Redis server; neither has a cache of its own, so that
          each question looks its picture up. The answers are the same in all cases. `wait` is what a question waited
          for the store; `squint.features.timeout` is 2 s here, so that a slow machine finds what is there, and 50 ms by
          default. The first question of a stuck store waits that long, the later ones do not wait. Written by

          `mvn -B -pl webapp -am test -Dtest=FeatureStoreTest -Dsurefire.failIfNoSpecifiedTests=false -Dresults.dir=results`
          """,
          "store",
          "question",
          "tiles found",
          "tiles damaged",
          "errors",
          "wait, ms");

  private static final String PICTURE = "shapes-large.png";

  private static RedisServer redis;
  private static StuckProxy proxy;
  private static RunningServer one;
  private static RunningServer two;
  private static String answer;

  /** The answer of a server that started while the store did not run. */
  private static HttpResponse<String> withoutStore;

  @BeforeAll
  static void start() {
    redis = new RedisServer();
    proxy = new StuckProxy(redis.port());
    redis.stop();
    one = server(redis.address());
    withoutStore = one.ask(PICTURE, "What is this?");
    redis.startAgain();
    two = server("redis://127.0.0.1:" + proxy.port());
    answer = keptByOne();
  }

  /** Asks the first server until the store has what it encoded. */
  private static String keptByOne() {
    long start = System.nanoTime();
    while (true) {
      String answer = text(one.ask(PICTURE, "What is this?"));
      if (redis.values() > 0) {
        return answer;
      }
      assertThat(System.nanoTime() - start).isLessThan(RunningServer.PATIENCE.toNanos());
    }
  }

  private static RunningServer server(String store) {
    return RunningServer.start(
        "--squint.features.store=" + store,
        "--squint.features.timeout=2s",
        "--squint.features.retry=1s",
        "--squint.work.encoder-cache=0B");
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    proxy.close();
    redis.close();
  }

  private static String text(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return RunningServer.json(response).path("answer").asString();
  }

  /** What the metrics of a server say of one question. */
  private record Seen(double hits, double damaged, double errors, double waited) {
    static Seen of(RunningServer server) {
      return new Seen(
          server.metric("squint_features_tiles_total{result=\"hit\"}"),
          server.metric("squint_features_tiles_total{result=\"damaged\"}"),
          server.metric("squint_features_errors_total"),
          1000 * server.metric("squint_features_wait_seconds_sum"));
    }

    Seen since(Seen before) {
      return new Seen(
          hits - before.hits,
          damaged - before.damaged,
          errors - before.errors,
          waited - before.waited);
    }
  }

  private static Seen ask(String store, String question) {
    Seen before = Seen.of(two);
    assertThat(text(two.ask(PICTURE, "What is this?"))).isEqualTo(answer);
    Seen seen = Seen.of(two).since(before);
    TABLE.row(
        store,
        question,
        "%.0f".formatted(seen.hits()),
        "%.0f".formatted(seen.damaged()),
        "%.0f".formatted(seen.errors()),
        String.format(Locale.ROOT, "%.1f", seen.waited()));
    return seen;
  }

  private static void awaitHit() {
    long start = System.nanoTime();
    Seen before = Seen.of(two);
    do {
      assertThat(text(two.ask(PICTURE, "What is this?"))).isEqualTo(answer);
      assertThat(System.nanoTime() - start).isLessThan(RunningServer.PATIENCE.toNanos());
    } while (Seen.of(two).since(before).hits() == 0);
  }

  @Test
  void a_whatOneServerEncoded_anotherFinds() {
    Seen first = ask("running", "first");
    assertThat(first.hits()).isGreaterThan(0);
    assertThat(first.errors()).isZero();
    ask("running", "second");
  }

  @Test
  void b_garbageIsNotTaken_andReplaced() {
    redis.fillWithGarbage();
    Seen seen = ask("full of garbage", "first");
    assertThat(seen.hits()).isZero();
    assertThat(seen.damaged()).isGreaterThan(0);
    awaitHit();
    redis.fillWithLists();
    Seen ofLists = ask("full of lists", "first");
    assertThat(ofLists.damaged()).isGreaterThan(0);
    assertThat(ofLists.errors()).isZero();
    awaitHit();
  }

  @Test
  void c_aStuckStore_costsOneWait_thenNone() {
    proxy.stick(true);
    Seen first = ask("stuck", "first");
    assertThat(first.hits()).isZero();
    assertThat(first.errors()).isGreaterThan(0);
    long sent = proxy.received();
    Seen second = ask("stuck", "second");
    assertThat(second.waited()).isZero();
    assertThat(proxy.received()).isEqualTo(sent);
    proxy.stick(false);
    awaitHit();
  }

  @Test
  void d_aStoppedStore_isDoneWithout_andUsedWhenItIsBack() {
    redis.stop();
    Seen first = ask("stopped", "first");
    assertThat(first.hits()).isZero();
    assertThat(first.errors()).isGreaterThan(0);
    assertThat(ask("stopped", "second").waited()).isZero();
    redis.startAgain();
    awaitHit();
  }

  @Test
  void e_anAddressThatCannotBeRead_isRefusedWithoutItsPassword() {
    Throwable refusal = catchThrowable(() -> server("redis://:secret%@nowhere").close());
    assertThat(refusal).rootCause().hasMessageContaining("squint.features.store takes an address");
    assertThat(Throwables.getStackTrace(refusal)).doesNotContain("secret");
  }

  @Test
  void f_aServerWithoutItsStore_starts() {
    assertThat(text(withoutStore)).isEqualTo(answer);
  }
}
