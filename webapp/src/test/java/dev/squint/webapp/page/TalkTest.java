package dev.squint.webapp.page;

import static com.microsoft.playwright.options.WaitForSelectorState.HIDDEN;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page.WaitForSelectorOptions;
import com.microsoft.playwright.Route;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Conversations: pictures are waited for, nothing is lost, and what is deleted can be restored. */
class TalkTest {

  private static final String HEART = "What color is the heart?";
  private static final String COUNT = "How many shapes are there?";

  /** Lets each picture be prepared only when {@code go} is called. */
  private static final String SLOW_PICTURES =
      """
      () => {
        const prepare = window.createImageBitmap;
        window.createImageBitmap = async (...picture) => {
          await new Promise(resolve => (window.go = resolve));
          return prepare(...picture);
        };
      }
      """;

  private final RunningServer server = RunningServer.trained();

  @Test
  void question_waitsForItsPictures() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.recordQuestions();
      visitor.page.evaluate(SLOW_PICTURES);
      visitor.find("#file").setInputFiles(RunningServer.PICTURES.resolve("shapes.png"));
      visitor.waitForText("#strip .preparing", "Preparing shapes.png");
      visitor.find("#question").fill(HEART);
      visitor.page.keyboard().press("Enter");
      visitor.waitForText(".turn", "Preparing the photo");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("preparing");
      assertThat(visitor.page.evaluate("window.asked.length")).isEqualTo(0);
      visitor.page.evaluate("window.go()");
      visitor.waitForCount(".turn .figures", 1);
      assertThat(visitor.asked(0)).contains("files=shapes.png");
      assertThat(visitor.find(".answer-text").textContent()).isEqualTo("red");
    }
  }

  @Test
  void pictureThatCannotBePrepared_keepsTheQuestion() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.recordQuestions();
      visitor.page.evaluate(
          """
          () => (window.createImageBitmap = async () => {
            await new Promise(resolve => (window.go = resolve));
            throw new Error('no picture');
          })
          """);
      visitor.find("#file").setInputFiles(RunningServer.PICTURES.resolve("shapes.png"));
      visitor.find("#question").fill(HEART);
      visitor.page.keyboard().press("Enter");
      visitor.waitForText(".turn", "Preparing the photo");
      visitor.page.evaluate("window.go()");
      visitor.waitForText("#alert", "shapes.png is not a picture");
      visitor.waitForCount(".turn", 0);
      assertThat(visitor.find("#question").inputValue()).isEqualTo(HEART);
      assertThat(visitor.page.evaluate("window.asked.length")).isEqualTo(0);
    }
  }

  @Test
  void openMenu_staysOpenWhenTheNextAnswerComes() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(HEART);
      List<Route> held = new ArrayList<>();
      visitor.page.route("**/api/ask", held::add);
      visitor.find("#question").fill(COUNT);
      visitor.find("#send").click();
      visitor.waitForCount(".turn", 2);
      visitor.find(".menu summary").click();
      while (held.isEmpty()) {
        visitor.page.waitForTimeout(10);
      }
      held.get(0).resume();
      visitor.waitForCount(".turn .figures", 2);
      // The picture shows the answer, and the question can be sent.
      visitor.page.waitForSelector("#stop", new WaitForSelectorOptions().setState(HIDDEN));
      assertThat(visitor.find(".menu[open] .menu-list").isVisible()).isTrue();
      assertThat(visitor.page.evaluate("document.activeElement.textContent"))
          .isEqualTo("Copy and share");
      visitor.page.unroute("**/api/ask");
      visitor.ask(HEART);
      assertThat(visitor.find(".menu[open]").count()).as("closed by other clicks").isZero();
      assertThat(visitor.page.evaluate("document.activeElement.id")).isEqualTo("question");
    }
  }

  @Test
  void withoutAPicture_onlyIfTheUserSaysSo() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.recordQuestions();
      visitor.find("#question").fill(HEART);
      visitor.page.keyboard().press("Enter");
      assertThat(visitor.find("#no-picture").isVisible()).isTrue();
      assertThat(visitor.page.evaluate("window.asked.length")).isEqualTo(0);
      assertThat(visitor.find("#question").inputValue()).isEqualTo(HEART);
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("no-picture");
      visitor.find("#without-picture").click();
      visitor.waitForCount(".turn .figures", 1);
      assertThat(visitor.find(".looked").textContent()).startsWith("no picture");
      visitor.ask("And now?");
      assertThat(visitor.find("#no-picture").isVisible()).as("said once").isFalse();
      visitor.find("#new-talk").click();
      visitor.find("#question").fill(HEART);
      visitor.page.keyboard().press("Enter");
      assertThat(visitor.find("#no-picture").isVisible()).isTrue();
    }
  }

  @Test
  void pictureInTheMiddle_standsBeforeItsQuestion() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.plan("encoder:uniform-grid(keep=0.25)");
      visitor.ask(HEART);
      visitor.find("#file").setInputFiles(RunningServer.PICTURES.resolve("text.png"));
      visitor.waitForCount("#strip .thumb", 2);
      assertThat(visitor.find(".turn").count()).isEqualTo(1);
      visitor.recordQuestions();
      visitor.ask("What does the text say?");
      assertThat(visitor.asked(0))
          .contains("files=shapes.png", "files=text.png")
          .anyMatch(field -> field.contains("\"files\":1,\"clips\":0"));
      assertThat(visitor.find(".looked").last().textContent())
          .startsWith("looked at 72 of 288 tokens");
      visitor.find(".turn-actions button:has-text('Show its tokens')").first().click();
      visitor.find("#strip .thumb button").first().click();
      assertThat(visitor.find("#view-tools").isVisible()).as("the first answer's map").isTrue();
      visitor.find("#strip .thumb").nth(1).locator("button").first().click();
      assertThat(visitor.find("#view-tools").isVisible())
          .as("the first answer is not about the second picture")
          .isFalse();
    }
  }

  @Test
  void reload_keepsPicturesClipsAndTurns() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(HEART);
      visitor.find("#file").setInputFiles(RunningServer.CLIPS.resolve("shape-moves.mp4"));
      visitor.waitForCount(".frames .thumb", 4);
      visitor.find("#clip-frames").fill("3");
      visitor.find("#clip-frames").press("Tab");
      visitor.waitForCount(".frames .thumb", 3);
      visitor.reload();
      visitor.waitForCount(".frames .thumb", 3);
      assertThat(visitor.find(".answer-text").textContent()).isEqualTo("red");
      assertThat(visitor.find(".looked").textContent()).contains("144 tokens");
      assertThat(visitor.find("#view-tools").isVisible()).as("the map is kept too").isTrue();
      visitor.recordQuestions();
      visitor.ask(COUNT);
      assertThat(visitor.asked(0))
          .contains("files=shapes.png", "files=shape-moves.mp4", "frames=3")
          .anyMatch(field -> field.startsWith("history=") && field.contains("\"files\":1"));
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void everythingThatIsDeleted_canBeRestored() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png", "text.png");
      visitor.ask(HEART);
      visitor.ask(COUNT);
      List<String> all = visitor.find(".asked").allTextContents();
      for (String delete :
          List.of(".turn-actions button:has-text('Delete')", "#strip .remove", "#remove-all")) {
        visitor.find(delete).first().click();
        visitor.waitForText(".toast", "Undo");
        boolean gone =
            visitor.find(".asked").count() < 2 || visitor.find("#strip .thumb").count() < 2;
        assertThat(gone).as(delete).isTrue();
        AccessibilityTest.assertNoFinding(visitor);
        visitor.find(".toast button").click();
        visitor.waitForCount("#strip .thumb", 2);
        assertThat(visitor.find(".asked").allTextContents()).as(delete).isEqualTo(all);
      }
      visitor.find("#new-talk").click();
      visitor.waitForCount("#strip .thumb", 0);
      visitor.waitForCount(".turn", 0);
      visitor.screenshot("undo");
      visitor.find(".toast button").click();
      visitor.waitForCount("#strip .thumb", 2);
      assertThat(visitor.find(".asked").allTextContents()).isEqualTo(all);
      visitor.reload();
      assertThat(visitor.find(".asked").allTextContents()).isEqualTo(all);
      visitor.recordQuestions();
      visitor.ask("And now?");
      assertThat(visitor.asked(0)).anyMatch(field -> field.contains("\"files\":2"));
    }
  }

  @Test
  void editedQuestion_takesThePlaceOfTheOldOne() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(COUNT);
      visitor.ask("And the circles?");
      visitor.find(".turn-actions button:has-text('Edit')").first().click();
      assertThat(visitor.find("#question").inputValue()).isEqualTo(COUNT);
      AccessibilityTest.assertNoFinding(visitor);
      visitor.find("#question").fill(HEART);
      visitor.page.keyboard().press("Enter");
      visitor.waitForText(".toast", "later answers were removed");
      assertThat(visitor.find(".asked").allTextContents()).containsExactly(HEART);
      assertThat(visitor.find(".answer-text").textContent()).isEqualTo("red");
      visitor.find(".toast button").click();
      visitor.waitForCount(".turn", 2);
      assertThat(visitor.find(".asked").allTextContents())
          .containsExactly(COUNT, "And the circles?");
    }
  }

  @Test
  void askedAgain_withThePlanOfNow() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(HEART);
      visitor.ask(COUNT);
      visitor.plan("encoder:uniform-grid(keep=0.5)");
      visitor.find(".turn-actions button:has-text('Ask again')").first().click();
      visitor.waitForText(".toast", "replaced");
      assertThat(visitor.find(".looked").first().textContent())
          .contains("72 of 144", "encoder:uniform-grid(keep=0.5)");
      assertThat(visitor.find(".turn").count()).as("later turns stay").isEqualTo(2);
      assertThat(visitor.find("[aria-current=true]").count()).isEqualTo(1);
      assertThat(visitor.find(".turn").first().locator("[aria-current=true]").textContent())
          .as("the picture shows the new answer")
          .isEqualTo("Show its tokens");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.find(".toast button").click();
      visitor.waitForText(".looked", "all 144");
    }
  }

  @Test
  void details_areNotLeftUnderTheComposer() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(HEART);
      visitor.ask(COUNT);
      visitor.find(".more summary").last().click();
      visitor.page.waitForFunction(
          """
          () => [...document.querySelectorAll('.figures')].at(-1).getBoundingClientRect().bottom
              <= document.getElementById('form').getBoundingClientRect().top
          """);
    }
  }

  @Test
  void history_hasConversations_opensDeletesAndRestoresThem() throws IOException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.ask(HEART);
      visitor.ask(COUNT);
      visitor.takeExample(3);
      visitor.ask("What does the text say?");
      visitor.reload();
      visitor.find("#open-history").click();
      visitor.waitForCount(".past-question", 2);
      visitor.screenshot("history");
      assertThat(visitor.find(".past-text").last().textContent())
          .contains(HEART, "red", "2 questions")
          .doesNotContain("none");
      Download json = visitor.page.waitForDownload(() -> visitor.find("#export-json").click());
      JsonNode talks = RunningServer.JSON.readTree(Files.readString(json.path()));
      JsonNode turn = talks.path(1).path("turns").path(0);
      assertThat(turn.path("answer").path("text").asString()).isEqualTo("red");
      assertThat(turn.path("answer").path("timings_ms").path("prefill").asDouble()).isPositive();
      visitor.find("#past li:has-text('heart') button:has-text('Delete')").click();
      visitor.waitForCount(".past-question", 1);
      AccessibilityTest.assertNoFinding(visitor);
      visitor.find("#past button:has-text('Undo')").click();
      visitor.waitForCount(".past-question", 2);
      visitor.find("#past li:has-text('heart') button:has-text('Open')").click();
      visitor.waitForText(".answer-text", "red");
      visitor.waitForCount("#strip .thumb", 1);
      assertThat(visitor.find("#history").isVisible()).isFalse();
      visitor.find("#open-history").click();
      visitor.find("#clear-history").click();
      visitor.waitForText(".toast", "2 conversations were deleted");
      visitor.find(".toast button").click();
      visitor.find("#open-history").click();
      visitor.waitForCount(".past-question", 2);
    }
  }
}
