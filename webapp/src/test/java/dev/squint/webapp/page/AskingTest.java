package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Asking on the page, with the model that comes with Squint. */
class AskingTest {

  private final RunningServer server = RunningServer.trained();

  @Test
  void start_showsTheExamplesAndAsksNothingOfOtherHosts() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.waitForCount(".example", 5);
      assertThat(visitor.find("#model").textContent()).isEqualTo("tiny-vlm");
      visitor.screenshot("start");
      assertThat(visitor.hosts).isEqualTo(Set.of(server.url("")));
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void examples_areAnsweredRight() {
    List<String> answers = List.of("4", "gray", "green", "OPEN", "right");
    try (Visitor visitor = Visitor.of(server)) {
      for (int number = 0; number < answers.size(); number++) {
        // Each begins another conversation.
        visitor.takeExample(number);
        visitor.waitForCount(".turn", 0);
        visitor.page.keyboard().press("Enter");
        visitor.waitForCount(".turn .figures", 1);
        assertThat(visitor.find(".answer-text").textContent())
            .as("example %d", number)
            .isEqualTo(answers.get(number));
      }
    }
  }

  @Test
  void question_isAnsweredWithFigures() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      assertThat(visitor.ask("What color is the heart?")).isEqualTo("red");
      assertThat(visitor.find(".figures").textContent())
          .contains("144 of 144")
          .contains("First token after")
          .contains("prefill")
          .contains("KV cache");
      assertThat(visitor.find(".figures").isVisible()).as("the answer comes first").isFalse();
      assertThat(visitor.find(".looked").textContent())
          .containsPattern("looked at all 144 tokens, first word after [\\d.]+ m?s · Exact$");
      visitor.find(".more summary").click();
      assertThat(visitor.find(".figures").isVisible()).isTrue();
      assertThat(visitor.find("#live").textContent()).isEqualTo("Answer: red");
      assertThat(visitor.find("#question").inputValue()).isEmpty();
      assertThat(visitor.complaints).isEmpty();
      visitor.screenshot("answer");
    }
  }

  @Test
  void notice_standsUnderTheModelsNameAndLeadsToOtherModels() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.waitForCount(".example", 5);
      assertThat(visitor.find("#notice-text").textContent()).contains("demonstration model");
      assertThat(visitor.find(".hello").textContent()).doesNotContain("anything");
      assertThat(
              visitor.page.evaluate(
                  "document.querySelector('#notice-text code.whole').getClientRects().length"))
          .as("--model is not broken")
          .isEqualTo(1);
      visitor.find("#open-model-help").click();
      assertThat(visitor.find("#model-help").textContent())
          .contains("./squint serve --model=HuggingFaceTB");
      visitor.screenshot("another-model");
      visitor.page.keyboard().press("Escape");
      visitor.choosePictures("shapes.png");
      visitor.ask("What color is the heart?");
      assertThat(visitor.find(".figures").textContent())
          .as("the notice is shown already, and the picture is like those of the training")
          .doesNotContain("demonstration model")
          .doesNotContain("unlike");
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void followUp_isAskedWithWhatWasSaid() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.ask("What color is the heart?");
      visitor.recordQuestions();
      visitor.ask("How many shapes are there?");
      visitor.waitForCount(".turn", 2);
      assertThat(visitor.asked(0))
          .contains(
              "history=[{\"role\":\"user\",\"text\":\"What color is the heart?\",\"files\":1,\"clips\":0},{\"role\":\"assistant\",\"text\":\"red\"}]");
      visitor.screenshot("follow-up");
    }
  }

  @Test
  void severalPictures_areAskedAboutTogether() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("clip-0.png", "clip-1.png", "clip-2.png", "clip-3.png");
      visitor.ask("Which way does the shape move?");
      assertThat(visitor.find(".figures").textContent()).contains("576 of 576");
      visitor.screenshot("clip");
      visitor.find("#strip .remove").first().click();
      visitor.waitForCount("#strip .thumb", 3);
      assertThat(visitor.find(".turn").count()).as("the conversation stays").isEqualTo(1);
    }
  }

  @Test
  void markup_staysText() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.page.evaluate("window.hit = 0");
      String markup = "<img src=x onerror=hit++><script>hit++</script><b>bold</b>";
      visitor.ask(markup);
      assertThat(visitor.find(".asked").textContent()).isEqualTo(markup);
      assertThat(visitor.find(".asked *").count()).isZero();
      visitor.find("#open-history").click();
      assertThat(visitor.find(".past-question").textContent()).isEqualTo(markup);
      assertThat(visitor.page.evaluate("hit")).isEqualTo(0);
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void refusal_isShownAndTheQuestionStays() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.plan("encoder:nonsense(keep=0.5)");
      visitor.find("#send").click();
      visitor.waitForText("#alert", "nonsense");
      assertThat(visitor.find("#question").inputValue()).isNotEmpty();
      visitor.screenshot("refusal");
    }
  }

  @Test
  void answer_isSavedAsAPicture() throws IOException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.ask("What color is the heart?");
      Download png = visitor.page.waitForDownload(() -> visitor.share("Save as picture"));
      Path kept = Path.of("target", "screenshots", "saved-answer.png");
      png.saveAs(kept);
      assertThat(ImageIO.read(kept.toFile()).getWidth()).isEqualTo(960);
    }
  }
}
