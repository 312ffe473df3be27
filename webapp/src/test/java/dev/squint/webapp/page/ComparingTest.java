package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Comparing plans, and the curve of one method. */
class ComparingTest {

  private final RunningServer server = RunningServer.trained();

  @Test
  void plans_standSideBySide() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.find("#tab-compare").click();
      visitor.find("#add-plan").click();
      visitor.waitForCount(".plan-card", 3);
      visitor.plan(".plan-card:nth-child(3)", "encoder:uniform-grid(keep=0.1)");
      visitor.find("#question").fill("What color is the heart?");
      visitor.find("#send").click();
      visitor.waitForCount(".column .figures", 3);
      assertThat(visitor.find(".column").first().textContent())
          .contains("none", "red", "144 of 144");
      assertThat(visitor.find(".column").nth(1).textContent())
          .contains("keep=0.5", "72 of 144", "50 % fewer visual tokens", "instead of");
      assertThat(visitor.find(".column").nth(2).textContent()).contains("14 of 144");
      assertThat(visitor.find(".column .numbers").first().textContent()).contains("KV cache");
      assertThat(visitor.find(".column .phase-key").first().textContent())
          .contains("encode", "prune", "decode");
      visitor.waitForText("#live", "3 answers");
      visitor.find("#compare-results").scrollIntoViewIfNeeded();
      visitor.screenshot("compare");
      assertThat(visitor.complaints).isEmpty();
    }
  }

  /** Changes all answers of the server but the first: {old: new}. */
  private static final String LATER_ANSWERS =
      """
      ([pattern, replacement]) => {
        const send = window.fetch;
        let answers = 0;
        window.fetch = async (address, options) => {
          const response = await send(address, options);
          return answers++ ? new Response((await response.text()).replace(new RegExp(pattern, 'g'), replacement)) : response;
        };
      }
      """;

  @Test
  void tokensOfTheCache_areShownAsIfEncoded() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.page.evaluate(
          LATER_ANSWERS, List.of("\"cached_encode\":[0-9.]+", "\"cached_encode\":600000"));
      visitor.find("#tab-compare").click();
      visitor.find("#send").click();
      visitor.waitForText("#live", "2 answers");
      Locator second = visitor.find(".column").nth(1);
      assertThat(second.locator(".verdict").textContent())
          .containsPattern("first token after 6\\d\\d\\.\\d+ s instead of");
      assertThat(second.locator(".numbers").textContent())
          .containsPattern("First token after6\\d\\d\\.\\d+ s")
          .containsPattern("Total time6\\d\\d\\.\\d+ s");
      assertThat(second.locator(".phase-key").textContent())
          .containsPattern("encode 6\\d\\d\\.\\d+ s");
      assertThat(second.locator(".figures .hint").allTextContents().toString())
          .containsPattern("Work of an earlier question was reused.*6\\d\\d\\.\\d+ s");
      visitor.find("#tab-budgets").click();
      visitor.find("#send").click();
      visitor.waitForText("#live", "8 answers");
      assertThat(visitor.find(".budgets tbody tr").last().textContent())
          .containsPattern("6\\d\\d\\.\\d+ s$");
      assertThat(visitor.find("#budgets-result").textContent())
          .contains("Work of an earlier question was reused");
    }
  }

  @Test
  void changedWords_areMarkedInTheColumn() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.page.evaluate(
          LATER_ANSWERS, List.of("\"text\":\"[^\"]*\"", "\"text\":\"dark blue\""));
      visitor.find("#tab-compare").click();
      visitor.find("#question").fill("What color is the heart?");
      visitor.find("#send").click();
      visitor.waitForText("#live", "2 answers");
      assertThat(visitor.find(".column").first().locator("ins, del").count()).isZero();
      Locator second = visitor.find(".column").nth(1);
      assertThat(second.locator("del").allTextContents()).containsExactly("red");
      assertThat(second.locator("ins").allTextContents()).containsExactly("dark blue");
      assertThat(second.locator(".verdict").textContent()).startsWith("Different answer");
    }
  }

  @Test
  void tokensLeftOutBetweenLayers_count() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.find("#tab-compare").click();
      visitor.plan(".plan-card:nth-child(1)", "layer4:fastv(keep=0.25)");
      visitor.plan(".plan-card:nth-child(2)", "encoder:uniform-grid(keep=0.5)");
      visitor.find("#send").click();
      visitor.waitForText("#live", "2 answers");
      assertThat(visitor.find(".verdict").textContent())
          .as("72 tokens in 8 layers instead of 144 in 4 and 36 in 4")
          .contains("20 % fewer visual tokens in a layer on average");
      assertThat(visitor.find(".difference").count()).isEqualTo(1);
    }
  }

  @Test
  void differences_areCountedAndSaved() throws IOException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.find("#tab-compare").click();
      visitor.plan(".plan-card:nth-child(1)", "encoder:uniform-grid(keep=0.25)");
      visitor.plan(".plan-card:nth-child(2)", "encoder:divprune(keep=0.25)");
      visitor.find("#question").fill("What color is the heart?");
      visitor.find("#send").click();
      visitor.waitForText("#live", "2 answers");
      Matcher counts =
          Pattern.compile("only here: (\\d+) .*plan 1: (\\d+) ")
              .matcher(visitor.find(".difference").textContent());
      assertThat(counts.find()).isTrue();
      assertThat(counts.group(1)).as("both keep 36 tokens").isEqualTo(counts.group(2));
      assertThat(Integer.parseInt(counts.group(1))).isBetween(1, 36);
      Download json = visitor.page.waitForDownload(() -> visitor.find("#compare-json").click());
      JsonNode saved = RunningServer.JSON.readTree(Files.readString(json.path()));
      assertThat(saved.path("question").asString()).isEqualTo("What color is the heart?");
      assertThat(saved.path("plans").path(1).path("plan").asString())
          .isEqualTo("encoder:divprune(keep=0.25)");
      Download picture =
          visitor.page.waitForDownload(() -> visitor.find("#compare-picture").click());
      Path kept = Path.of("target", "screenshots", "saved-comparison.png");
      picture.saveAs(kept);
      assertThat(ImageIO.read(kept.toFile()).getWidth()).isEqualTo(936);
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void removedPlan_comesBack() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.find("#tab-compare").click();
      visitor.find("#add-plan").click();
      visitor.find(".plan-card button:has-text('Remove plan')").click();
      visitor.waitForCount(".plan-card", 2);
      visitor.find(".toast button").click();
      visitor.waitForCount(".plan-card", 3);
    }
  }

  @Test
  void anotherAnswer_isMarkedWordByWord() {
    try (Visitor visitor = Visitor.of(server)) {
      Object marked =
          visitor.page.evaluate(
              "import('/js/text-diff.js').then(({difference}) => difference('a red heart', 'a blue heart').map(({kind, text}) => kind + ':' + text).join('|'))");
      assertThat(marked).isEqualTo("same:a|gone:red|new:blue|same:heart");
    }
  }

  @Test
  void budgets_drawTheCurve() throws IOException {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.find("#tab-budgets").click();
      visitor.find("#question").fill("What color is the heart?");
      visitor.find("#expected").fill("red");
      visitor.find("#send").click();
      visitor.waitForCount(".budgets tbody tr", 8);
      visitor.waitForText("#live", "8 answers");
      assertThat(visitor.find(".curve circle").count()).isEqualTo(8);
      assertThat(visitor.find(".budgets tbody tr").first().textContent())
          .isEqualTo("100 %red100 %144" + visitor.find(".budgets tbody td").nth(3).textContent());
      assertThat(visitor.find(".curve figcaption").textContent()).contains("expected answer");
      Download csv =
          visitor.page.waitForDownload(
              () -> visitor.find("#budgets-result button:has-text('CSV')").click());
      List<String> lines = Files.readString(csv.path()).lines().toList();
      assertThat(lines).hasSize(9);
      assertThat(lines.get(1)).startsWith("1,\"none\",\"red\",1,144,144,");
      Download drawing =
          visitor.page.waitForDownload(
              () -> visitor.find("#budgets-result button:has-text('curve')").click());
      assertThat(Files.readString(drawing.path())).startsWith("<svg").contains("<polyline");
      visitor.screenshot("budgets");
    }
  }
}
