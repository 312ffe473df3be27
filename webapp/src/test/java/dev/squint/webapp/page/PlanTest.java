package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.webapp.RunningServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Choosing a plan: presets with what they cost, and every method with search and documentation. */
class PlanTest {

  private static final String HEART = "What color is the heart?";
  private static final String SHOWN = "#method-list .method:visible";

  private final RunningServer server = RunningServer.trained();

  @Test
  void presets_sayWhatTheyCostAndGain_andAnswersNameThem() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      assertThat(visitor.find("#ask-plan .segment:visible").allTextContents())
          .containsExactly("Exact", "Balanced", "Fast");
      assertThat(visitor.find("#ask-plan .plan-words").textContent())
          .isEqualTo("The model looks at all tokens.");
      visitor.find("#ask-plan .segment:has-text('Fast')").click();
      assertThat(visitor.find("#ask-plan .plan-words").textContent())
          .isEqualTo(
              "93.0 % of 300 questions right instead of 95.0 %, first word 1.4 times sooner · encoder:divprune(keep=0.25)");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("preset");
      visitor.ask(HEART);
      assertThat(visitor.find(".looked").textContent())
          .startsWith("looked at 36 of 144 tokens")
          .endsWith("Fast encoder:divprune(keep=0.25)");
      visitor.plan("encoder:uniform-grid(keep=0.5)");
      // The page shows a plan of one's own when the server has checked it.
      visitor.find("#ask-plan .segment:has-text('Own plan')").waitFor();
      assertThat(visitor.find("#ask-plan .segment:visible").last().textContent())
          .isEqualTo("Own plan");
      visitor.ask(HEART);
      assertThat(visitor.find(".looked").last().textContent())
          .endsWith("· encoder:uniform-grid(keep=0.5)");
    }
  }

  @Test
  void dialog_offersEveryMethodOfTheCatalogue() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.find("#ask-plan .choose-method").click();
      Object names =
          visitor.page.evaluate(
              "[...document.querySelectorAll('#method-list input')].map(input => input.value)");
      assertThat((List<?>) names)
          .map(String::valueOf)
          .containsExactlyInAnyOrderElementsOf(
              MethodCatalogue.all().methods().stream().map(Method::name).toList());
      assertThat(visitor.find(SHOWN).count()).isGreaterThan(40);
      visitor.find("#method-search").fill("arxiv 2503.02175");
      assertThat(visitor.find(SHOWN).count()).isEqualTo(1);
      assertThat(visitor.find("#method-list h3:visible").allTextContents())
          .containsExactly("Tokens of the encoder");
      visitor.find("#method-search").fill("no such method");
      assertThat(visitor.find("#no-method").isVisible()).isTrue();
    }
  }

  @Test
  void method_hasASentenceAPictureLinksAndItsPlan() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#ask-plan .choose-method").click();
      visitor.find("#method-search").fill("divprune");
      visitor.find(SHOWN).first().click();
      assertThat(visitor.find("#method-sentence").textContent()).startsWith("Keeps ").endsWith(".");
      assertThat(visitor.find("#method-paper a").getAttribute("href"))
          .isEqualTo("https://arxiv.org/abs/2503.02175");
      visitor.find("#method-docs summary").click();
      visitor.waitForText("#method-docs-text", "At encoder");
      visitor.waitFor("() => document.getElementById('method-picture').naturalWidth > 0");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("method");
      visitor.find("#plan-keep").fill("50");
      assertThat(visitor.find("#plan-share").textContent()).isEqualTo("50 %");
      visitor.find("#use-plan").click();
      visitor.ask(HEART);
      assertThat(visitor.find(".looked").textContent())
          .contains("72 of 144", "encoder:divprune(keep=0.5)");
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void enterInTheSearch_choosesWhatWasFound() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.find("#ask-plan .segment:has-text('Fast')").click();
      visitor.find("#ask-plan .choose-method").click();
      assertThat(
              visitor.page.evaluate(
                  """
                  () => {
                    const [list, row] = ['#method-list', '.method:has(:checked)'].map(each => document.querySelector(each).getBoundingClientRect());
                    return row.top >= list.top && row.bottom <= list.bottom;
                  }
                  """))
          .as("the list begins at the chosen method")
          .isEqualTo(true);
      visitor.find("#method-search").fill("no such method");
      visitor.page.keyboard().press("Enter");
      assertThat(visitor.find("#methods").isVisible()).isTrue();
      visitor.find("#method-search").fill("FastV");
      visitor.page.keyboard().press("Enter");
      assertThat(visitor.find("#method-title").textContent())
          .as("not fastvid, which stands before it")
          .isEqualTo("fastv");
      assertThat(visitor.find("#methods").isVisible()).isTrue();
      visitor.page.keyboard().press("Enter");
      visitor.waitForText("#ask-plan .plan-words", ":fastv(keep=0.25)");
    }
  }

  @Test
  void points_areThoseOfTheMethod() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#ask-plan .choose-method").click();
      visitor
          .find("#method-list .method:has-text('fastv'):not(:has-text('fastvid'))")
          .first()
          .click();
      visitor.find("#plan-point").selectOption("layer3");
      visitor.page.keyboard().press("Escape");
      assertThat(visitor.find("#ask-plan .plan-words").textContent())
          .as("the dialog was left without a choice")
          .isEqualTo("The model looks at all tokens.");
      visitor.find("#ask-plan .choose-method").click();
      visitor
          .find("#method-list .method:has-text('fastv'):not(:has-text('fastvid'))")
          .first()
          .click();
      visitor.find("#plan-point").selectOption("layer3");
      visitor.find("#use-plan").click();
      visitor.ask(HEART);
      assertThat(visitor.find(".looked").textContent())
          .startsWith("looked at all 144 tokens, after 3 layers at 36")
          .endsWith("layer3:fastv(keep=0.25)");
      visitor.find("#ask-plan .choose-method").click();
      assertThat(visitor.find("#plan-point").inputValue()).isEqualTo("layer3");
      visitor.find("#method-list .method:has-text('skip-plain')").first().click();
      assertThat(visitor.find("#plan-point").inputValue()).isEqualTo("tiles");
      assertThat(visitor.find("#plan-keep").isVisible()).isFalse();
    }
  }
}
