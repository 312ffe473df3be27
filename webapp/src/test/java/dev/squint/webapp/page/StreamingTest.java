package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Long answers on the page, by a model that never stops. */
class StreamingTest {

  private static RunningServer server;

  @BeforeAll
  static void start() {
    server =
        RunningServer.start(
            "--model=" + RunningServer.modelThatNeverStops(), "--squint.limits.tokens=100000");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void answer_growsAndStopEndsIt() {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.screenshot("streaming");
      visitor.find("#stop").click();
      assertStopped(visitor);
      assertThat(visitor.find(".answer-text").textContent()).contains("(stopped)");
    }
  }

  @Test
  void escape_endsTheAnswerAndTheNextOneBegins() {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.page.keyboard().press("Escape");
      assertStopped(visitor);
      visitor.find("#longest").fill("3");
      visitor.ask("And now?");
      visitor.waitForCount(".turn", 2);
    }
  }

  private static void begin(Visitor visitor) {
    visitor.find("#longest").fill("100000");
    visitor.find("#question").fill("Go on.");
    visitor.page.keyboard().press("Control+Enter");
    int first = lengthAbove(visitor, 0);
    int second = lengthAbove(visitor, first);
    assertThat(second).isGreaterThan(first);
    assertThat(server.metric("squint_answers_running")).isEqualTo(1);
    assertThat(visitor.find("#send").isDisabled()).isTrue();
  }

  private static int lengthAbove(Visitor visitor, int length) {
    visitor.page.waitForFunction(
        "length => (document.querySelector('.answer-text:not(:has(.thinking))')?.textContent.length ?? 0) > length",
        length);
    return visitor.find(".answer-text").textContent().length();
  }

  private static void assertStopped(Visitor visitor) {
    visitor.waitForText("#live", "Stopped.");
    assertThat(visitor.find("#stop").isVisible()).isFalse();
    long start = System.nanoTime();
    while (server.metric("squint_answers_running") != 0) {
      assertThat(System.nanoTime() - start).isLessThan(3_000_000_000L);
    }
  }
}
