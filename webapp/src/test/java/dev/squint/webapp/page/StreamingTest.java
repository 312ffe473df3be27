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
      visitor.longest(3);
      visitor.ask("And now?");
      visitor.waitForCount(".turn", 2);
    }
  }

  @Test
  void pictureOfAnAnswerInProgress_waitsForTheNextQuestion() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.find("#file").setInputFiles(RunningServer.PICTURES.resolve("text.png"));
      visitor.waitForCount("#strip .thumb", 2);
      assertThat(server.metric("squint_answers_running")).isEqualTo(1);
      visitor.find("#stop").click();
      assertStopped(visitor);
      visitor.recordQuestions();
      visitor.longest(3);
      visitor.ask("And now?");
      assertThat(visitor.asked(0)).contains("files=shapes.png", "files=text.png");
    }
  }

  @Test
  void newConversation_endsTheAnswerAndLeavesItOut() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      begin(visitor);
      visitor.find("#new-talk").click();
      assertStopped(visitor);
      visitor.waitForCount(".turn", 0);
      visitor.choosePictures("shapes.png");
      visitor.recordQuestions();
      visitor.longest(3);
      visitor.ask("And now?");
      assertThat(visitor.asked(0)).noneMatch(field -> field.startsWith("history="));
    }
  }

  @Test
  void stoppedComparison_isNotBusy() throws InterruptedException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#tab-compare").click();
      visitor.longest(100_000);
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
    visitor.choosePictures("shapes.png");
    visitor.longest(100_000);
    visitor.find("#question").fill("Go on.");
    visitor.page.keyboard().press("Enter");
    int first = lengthAbove(visitor, 0);
    int second = lengthAbove(visitor, first);
    assertThat(second).isGreaterThan(first);
    assertThat(server.metric("squint_answers_running")).isEqualTo(1);
    assertThat(visitor.find("#send").isDisabled()).isTrue();
  }

  private static int lengthAbove(Visitor visitor, int length) {
    visitor.waitFor(
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
