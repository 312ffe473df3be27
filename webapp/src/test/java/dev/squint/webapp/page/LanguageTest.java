package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import dev.squint.webapp.RunningServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in German and English. */
class LanguageTest {

  /**
   * Keys that one language has and the other lacks. What methods keep the server says in English,
   * see {@link MethodTextsTest}.
   */
  private static final String MISSING =
      """
      async () => {
        const [en, de] = await Promise.all(['en', 'de'].map(async code => (await import(`/texts/${code}.js`)).default));
        const lacking = (some, others) => Object.keys(some).filter(key => !(key in others) && !key.startsWith('method.'));
        const places = text => [...text.matchAll(/\\{\\w+\\}/g)].map(String).sort().join();
        const different = Object.keys(en).filter(key => key in de && places(en[key]) !== places(de[key]));
        return [...lacking(en, de), ...lacking(de, en), ...different];
      }
      """;

  private final RunningServer server = RunningServer.trained();

  @Test
  void languages_haveTheSameTexts() {
    try (Visitor visitor = Visitor.of(server)) {
      assertThat(visitor.page.evaluate(MISSING)).isEqualTo(List.of());
    }
  }

  @Test
  void browsersLanguage_isSpoken_andCanBeChanged() {
    try (Visitor visitor = Visitor.of(server, options -> options.setLocale("de-DE"))) {
      assertThat(visitor.page.evaluate("document.documentElement.lang")).isEqualTo("de");
      visitor.choosePictures("shapes.png");
      visitor.ask("What color is the heart?");
      assertThat(visitor.find(".looked").textContent()).startsWith("sah alle 144 Tokens an");
      visitor.find("#ask-plan .choose-method").click();
      assertThat(visitor.find("#method-list").textContent())
          .contains("die Tokens, die sich am meisten unterscheiden");
      visitor.screenshot("german-methods");
      visitor.page.keyboard().press("Escape");
      visitor.screenshot("german");
      visitor.find("#open-settings").click();
      visitor.page.waitForTimeout(400);
      visitor.find("#language").selectOption("en");
      visitor.waitFor(
          "() => document.documentElement.lang === 'en' && document.body.dataset.ready");
      assertThat(visitor.find("#send").textContent()).isEqualTo("Ask");
      assertThat(visitor.find(".answer-text").textContent())
          .as("the conversation is kept")
          .isEqualTo("red");
      visitor.reload();
      assertThat(visitor.find("#send").textContent()).isEqualTo("Ask");
    }
  }

  @ParameterizedTest
  @CsvSource({"320, 700, true", "1366, 768, false", "3840, 2160, false"})
  void german_fitsEveryWidth(int width, int height, boolean phone) {
    try (Visitor visitor =
        Visitor.of(
            server,
            options ->
                options
                    .setLocale("de-DE")
                    .setColorScheme(ColorScheme.DARK)
                    .setViewportSize(width, height)
                    .setIsMobile(phone)
                    .setHasTouch(phone))) {
      AccessibilityTest.assertFitsTheWidth(visitor, width);
      visitor.choosePictures("shapes.png");
      visitor.find("#ask-plan .segment").nth(2).click();
      visitor.ask("What color is the heart?");
      AccessibilityTest.assertFitsTheWidth(visitor, width);
      assertThat(visitor.page.evaluate(AccessibilityTest.BROKEN_WORDS)).isEqualTo(List.of());
      assertThat(left(visitor, ".mark")).as("one edge").isEqualTo(left(visitor, ".talk, .stage"));
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("german-" + width);
    }
  }

  private static Object left(Visitor visitor, String selector) {
    return visitor.page.evaluate(
        "selector => Math.min(...[...document.querySelectorAll(selector)].map(e => Math.round(e.getClientRects()[0]?.left ?? Infinity)))",
        selector);
  }
}
