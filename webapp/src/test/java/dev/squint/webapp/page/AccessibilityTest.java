package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.squint.webapp.RunningServer;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page for everybody: keyboard, screen readers, contrast, small windows, calm. */
class AccessibilityTest {

  /** What is shown beyond the window or its card; rows that scroll by themselves may be longer. */
  private static final String OUTSIDE =
      """
      width => [...document.querySelectorAll('.bar *, .talk *, .stage *')]
          .filter(e => e.checkVisibility() && !e.closest('.sr-only, svg, .gallery ul, .frames, .segment'))
          .filter(e => {
            const card = e.parentElement.closest('.ask, .figures, .column, .plan-card');
            const right = Math.min(width, card ? card.getBoundingClientRect().right : width);
            const left = card ? card.getBoundingClientRect().left : 0;
            const box = e.getBoundingClientRect();
            return box.width > 0 && (box.right > right + 0.5 || box.left < left - 0.5);
          })
          .map(e => e.outerHTML.slice(0, 80))
      """;

  /** Tabs, and headings of the table by budget, with a word that runs over two lines. */
  static final String BROKEN_WORDS =
      """
      () => [...document.querySelectorAll('.budgets thead th, [role=tab]')].map(e => e.firstChild).filter(text =>
        [...text.data.matchAll(/\\S+/g)].some(word => {
          const range = document.createRange();
          range.setStart(text, word.index);
          range.setEnd(text, word.index + word[0].length);
          return range.getClientRects().length > 1;
        })).map(text => text.data)
      """;

  private final RunningServer server = RunningServer.trained();

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void everyState_hasNoFinding(ColorScheme scheme) {
    String name = scheme.name().toLowerCase(Locale.ROOT);
    try (Visitor visitor =
        Visitor.of(
            server,
            options -> options.setColorScheme(scheme).setReducedMotion(ReducedMotion.REDUCE))) {
      assertNoFinding(visitor);
      visitor.takeExample(1);
      visitor.plan("encoder:divprune(keep=0.25)");
      visitor.ask("How many shapes are there?");
      assertNoFinding(visitor);
      visitor.screenshot("answer-" + name);
      visitor.find("#open-history").click();
      // It opens once the list is read; an earlier Escape would close nothing.
      visitor.waitForCount("#history[open]", 1);
      assertNoFinding(visitor);
      visitor.page.keyboard().press("Escape");
      visitor.find("#open-keys").click();
      assertNoFinding(visitor);
      visitor.screenshot("keys-" + name);
      visitor.page.keyboard().press("Escape");
      visitor.find("#tab-compare").click();
      visitor.find("#question").fill("How many shapes are there?");
      visitor.find("#send").click();
      visitor.waitForCount(".column .figures", 2);
      visitor.waitForText("#live", "2 answers");
      assertNoFinding(visitor);
      visitor.screenshot("compare-" + name);
      visitor.find("#tab-budgets").click();
      visitor.find("#send").click();
      visitor.waitForText("#live", "8 answers");
      assertNoFinding(visitor);
      visitor.screenshot("budgets-" + name);
    }
  }

  /** Each finding with the first element that has it; elements without findings are not named. */
  private static final String FINDINGS =
      """
      () => axe.run({resultTypes: ['violations']}).then(({violations}) => violations.map(
          ({id, nodes}) => `${id} ${nodes[0].html} ${nodes[0].failureSummary}`))
      """;

  private static final String AXE = "() => {" + AxeBuilder.getAxeScript() + "}";

  static void assertNoFinding(Visitor visitor) {
    // AxeBuilder.analyze() would send and run the half megabyte of axe each time.
    if (!visitor.page.evaluate("() => 'axe' in window").equals(true)) {
      visitor.page.evaluate(AXE);
    }
    assertThat(visitor.page.evaluate(FINDINGS)).isEqualTo(List.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {320, 390})
  void phone_showsEverythingInOneColumn(int width) {
    try (Visitor visitor =
        Visitor.of(
            server,
            options -> options.setViewportSize(width, 844).setHasTouch(true).setIsMobile(true))) {
      visitor.screenshot("phone-start-" + width);
      assertFitsTheWidth(visitor, width);
      visitor.takeExample(1);
      visitor.plan("encoder:divprune(keep=0.25)");
      visitor.ask("How many shapes are there?");
      assertFitsTheWidth(visitor, width);
      assertNoFinding(visitor);
      visitor.screenshot("phone-answer-" + width);
      visitor.find("#tab-compare").click();
      visitor.find("#question").fill("How many shapes are there?");
      visitor.find("#send").click();
      visitor.waitForCount(".column .figures", 2);
      assertFitsTheWidth(visitor, width);
      visitor.screenshot("phone-compare-" + width);
      visitor.waitForText("#live", "2 answers");
      visitor.find("#tab-budgets").click();
      visitor.find("#question").fill("How many shapes are there?");
      visitor.find("#send").click();
      assertFitsTheWidth(visitor, width);
      visitor.waitForText("#live", "8 answers");
      assertFitsTheWidth(visitor, width);
      assertThat(visitor.page.evaluate(BROKEN_WORDS)).isEqualTo(List.of());
      visitor.screenshot("phone-budgets-" + width);
    }
  }

  /** Against the width of the window itself: the page's own one grows with what it shows. */
  static void assertFitsTheWidth(Visitor visitor, int width) {
    Object wide = visitor.page.evaluate("document.documentElement.scrollWidth");
    assertThat((Integer) wide).isLessThanOrEqualTo(width);
    assertThat(visitor.page.evaluate(OUTSIDE, width)).isEqualTo(List.of());
  }

  @Test
  void reducedMotion_movesNothing() {
    try (Visitor visitor =
        Visitor.of(server, options -> options.setReducedMotion(ReducedMotion.REDUCE))) {
      Object moving =
          visitor.page.evaluate(
              "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none' || parseFloat(getComputedStyle(e).transitionDuration) > 0).length");
      assertThat(moving).isEqualTo(0);
    }
  }

  @Test
  void darkOrLight_isRemembered() {
    try (Visitor visitor =
        Visitor.of(server, options -> options.setColorScheme(ColorScheme.DARK))) {
      assertThat(theme(visitor)).isEqualTo("dark");
      visitor.find("#theme").click();
      assertThat(theme(visitor)).isEqualTo("light");
      visitor.page.reload();
      visitor.page.waitForSelector("body[data-ready]");
      assertThat(theme(visitor)).isEqualTo("light");
    }
  }

  private static Object theme(Visitor visitor) {
    return visitor.page.evaluate("document.documentElement.dataset.theme");
  }

  @Test
  void keyboard_doesEverything() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.page.keyboard().press("?");
      assertThat(visitor.find("#keys").isVisible()).isTrue();
      visitor.page.keyboard().press("Escape");
      visitor.find(".example").first().focus();
      visitor.page.keyboard().press("Enter");
      visitor.waitForCount("#strip .thumb", 1);
      visitor.find("#tab-ask").focus();
      visitor.page.keyboard().press("/");
      assertThat(visitor.page.evaluate("document.activeElement.id")).isEqualTo("question");
      assertThat(visitor.find("#question").inputValue()).doesNotContain("/");
      visitor.page.keyboard().press("Enter");
      visitor.waitForCount(".turn .figures", 1);
      visitor.find("#overlay").focus();
      visitor.page.keyboard().press("ArrowRight");
      visitor.page.keyboard().press("ArrowRight");
      assertThat(visitor.find("#token-note").textContent()).contains("row 1, column 2", "token 1");
      visitor.find("#tab-ask").focus();
      visitor.page.keyboard().press("ArrowRight");
      assertThat(visitor.find("#panel-compare").isVisible()).isTrue();
      visitor.page.keyboard().press("ArrowLeft");
      assertThat(visitor.find("#panel-ask").isVisible()).isTrue();
    }
  }
}
