package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

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
  void question_isAnsweredWithFigures() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      assertThat(visitor.ask("What color is the heart?")).isEqualTo("red");
      assertThat(visitor.find(".figures").textContent())
          .contains("144 of 144")
          .contains("First token after")
          .contains("prefill")
          .contains("KV cache");
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
      visitor.page.evaluate(
          """
          () => {
            const send = window.fetch;
            window.fetch = (address, options) => {
              window.asked = options.body.get('history');
              return send(address, options);
            };
          }
          """);
      visitor.ask("How many shapes are there?");
      visitor.waitForCount(".turn", 2);
      assertThat((String) visitor.page.evaluate("() => window.asked"))
          .contains("{\"role\":\"user\",\"text\":\"What color is the heart?\"}")
          .contains("{\"role\":\"assistant\",\"text\":\"red\"}");
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
      visitor.waitForCount(".turn", 0);
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
      visitor.find("#ask-plan summary").click();
      visitor.find("#ask-plan .by-hand input[type=text]").fill("encoder:nonsense(keep=0.5)");
      visitor.find("#send").click();
      visitor.waitForText("#alert", "nonsense");
      assertThat(visitor.find("#question").inputValue()).isNotEmpty();
      visitor.screenshot("refusal");
    }
  }

  @Test
  void history_isKeptInTheBrowserAndExported() throws IOException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.ask("What color is the heart?");
      visitor.page.reload();
      visitor.page.waitForSelector("body[data-ready]");
      visitor.find("#open-history").click();
      visitor.screenshot("history");
      assertThat(visitor.find(".past-text").textContent())
          .contains("What color is the heart?", "red", "144 of 144");
      Download json = visitor.page.waitForDownload(() -> visitor.find("#export-json").click());
      JsonNode entries = RunningServer.JSON.readTree(Files.readString(json.path()));
      assertThat(entries.path(0).path("answer").path("text").asString()).isEqualTo("red");
      assertThat(entries.path(0).path("answer").path("timings_ms").path("prefill").asDouble())
          .isPositive();
      visitor.find("#clear-history").click();
      assertThat(visitor.find("#past").textContent()).isEqualTo("The history is empty.");
    }
  }

  @Test
  void answer_isSavedAsAPicture() throws IOException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.ask("What color is the heart?");
      Download png =
          visitor.page.waitForDownload(
              () -> visitor.find(".turn-actions button:has-text('PNG')").click());
      Path kept = Path.of("target", "screenshots", "saved-answer.png");
      png.saveAs(kept);
      assertThat(ImageIO.read(kept.toFile()).getWidth()).isEqualTo(960);
    }
  }

  @Test
  void history_asksAgainAndDeletesOneByOne() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.ask("What color is the heart?");
      visitor.ask("How many shapes are there?");
      visitor.find("#open-history").click();
      visitor.find("#past li:has-text('heart') button:has-text('Ask again')").click();
      assertThat(visitor.find("#history").isVisible()).isFalse();
      assertThat(visitor.find("#question").inputValue()).isEqualTo("What color is the heart?");
      visitor.find("#open-history").click();
      visitor.find("#past li:has-text('heart') button:has-text('Delete')").click();
      assertThat(visitor.find(".past-question").allTextContents())
          .containsExactly("How many shapes are there?");
      visitor.page.reload();
      visitor.page.waitForSelector("body[data-ready]");
      visitor.find("#open-history").click();
      assertThat(visitor.find(".past-question").count()).isEqualTo(1);
    }
  }
}
