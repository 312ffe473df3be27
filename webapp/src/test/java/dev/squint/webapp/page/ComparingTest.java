package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import org.junit.jupiter.api.Test;

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
      visitor.find(".plan-card").nth(2).locator("select").first().selectOption("uniform-grid");
      visitor.find("#question").fill("What color is the heart?");
      visitor.find("#send").click();
      visitor.waitForCount(".column .figures", 3);
      assertThat(visitor.find(".column").first().textContent())
          .contains("none", "red", "144 of 144");
      assertThat(visitor.find(".column").nth(1).textContent())
          .contains("keep=0.25", "36 of 144", "75 % fewer visual tokens", "instead of");
      assertThat(visitor.find(".column").nth(2).textContent()).contains("14 of 144");
      assertThat(visitor.find(".column .numbers").first().textContent()).contains("Cache");
      assertThat(visitor.find(".column .phase-key").first().textContent())
          .contains("encode", "prune", "decode");
      visitor.waitForText("#live", "3 answers");
      visitor.find("#compare-results").scrollIntoViewIfNeeded();
      visitor.screenshot("compare");
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void anotherAnswer_isMarkedWordByWord() {
    try (Visitor visitor = Visitor.of(server)) {
      Object marked =
          visitor.page.evaluate(
              "import('/js/words.js').then(({difference}) => difference('a red heart', 'a blue heart').map(({kind, text}) => kind + ':' + text).join('|'))");
      assertThat(marked).isEqualTo("same:a|gone:red|new:blue|same:heart");
    }
  }

  @Test
  void sweep_drawsTheCurve() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.find("#tab-sweep").click();
      visitor.find("#question").fill("What color is the heart?");
      visitor.find("#expected").fill("red");
      visitor.find("#send").click();
      visitor.waitForCount(".sweep tbody tr", 8);
      visitor.waitForText("#live", "8 answers");
      assertThat(visitor.find(".curve circle").count()).isEqualTo(8);
      assertThat(visitor.find(".sweep tbody tr").first().textContent())
          .isEqualTo("100 %red100 %144" + visitor.find(".sweep tbody td").nth(3).textContent());
      assertThat(visitor.find(".curve figcaption").textContent()).contains("expected answer");
      visitor.screenshot("sweep");
    }
  }
}
