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
            "--model=" + RunningServer.modelThatNeverStops(),
            "--squint.work.deadline=" + RunningServer.FAR_DEADLINE,
            "--squint.limits.tokens=100000");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void answer_growsAndStopEndsIt() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.screenshot("streaming");
      visitor.find("#stop").click();
      assertStopped(visitor);
      assertThat(visitor.find(".answer-text").textContent()).contains("(stopped)");
    }
  }

  @Test
  void escape_endsTheAnswerAndTheNextOneBegins() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.page.keyboard().press("Escape");
      assertStopped(visitor);
      visitor.find("#longest").fill("3");
      visitor.ask("And now?");
      visitor.waitForCount(".turn", 2);
    }
  }

  @Test
  void otherPictures_endTheAnswer() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.choosePictures("shapes.png");
      assertStopped(visitor);
      visitor.waitForCount(".turn", 0);
      visitor.page.evaluate(
          """
          () => {
            const send = window.fetch;
            window.fetch = (address, options) => {
              window.history_sent = options.body.get('history');
              return send(address, options);
            };
          }
          """);
      visitor.find("#longest").fill("3");
      visitor.ask("And now?");
      assertThat(visitor.page.evaluate("window.history_sent")).isNull();
    }
  }

  @Test
  void otherPictures_leaveAnAnswerThatJustEndedOut() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.page.evaluate(
          """
          () => {
            const send = window.fetch;
            window.fetch = async (address, options) => {
              window.history_sent = options.body.get('history');
              const whole = await (await send(address, {...options, signal: undefined})).text();
              await new Promise(resolve => (window.deliver = resolve));
              return new Response(whole);
            };
          }
          """);
      visitor.find("#longest").fill("3");
      visitor.find("#question").fill("Go on.");
      visitor.page.keyboard().press("Control+Enter");
      visitor.page.waitForFunction("() => window.deliver");
      visitor.choosePictures("shapes.png");
      visitor.page.evaluate("() => window.deliver()");
      visitor.waitForText("#live", "Stopped.");
      visitor.find("#question").fill("And now?");
      visitor.page.evaluate("() => { window.deliver = null; window.history_sent = 'unset'; }");
      visitor.page.keyboard().press("Control+Enter");
      visitor.page.waitForFunction("() => window.deliver");
      visitor.page.evaluate("() => window.deliver()");
      visitor.waitForCount(".turn .figures", 1);
      assertThat(visitor.page.evaluate("window.history_sent")).isNull();
    }
  }

  @Test
  void stoppedComparison_isNotBusy() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#tab-compare").click();
      visitor.find("#longest").fill("100000");
      visitor.find("#question").fill("Go on.");
      visitor.find("#send").click();
      lengthAbove(visitor, 1);
      visitor.find("#stop").click();
      assertStopped(visitor);
      assertThat(visitor.find(".column .answer-text").getAttribute("aria-busy")).isNull();
      assertThat(visitor.find(".column .answer-text").textContent()).contains("(stopped)");
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

  /** Nothing but the click ends the answer: its deadline is farther than the test waits. */
  private static void assertStopped(Visitor visitor) throws InterruptedException {
    visitor.waitForText("#live", "Stopped.");
    assertThat(visitor.find("#stop").isVisible()).isFalse();
    server.awaitIdle();
  }
}
