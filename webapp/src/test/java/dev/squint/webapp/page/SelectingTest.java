package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route.FulfillOptions;
import com.microsoft.playwright.options.BoundingBox;
import dev.squint.webapp.RunningServer;
import org.junit.jupiter.api.Test;

/** Selecting parts of a picture, zoom and pan. */
class SelectingTest {

  private static final String COLOR = "What color is the shape?";

  private final RunningServer server = RunningServer.trained();

  /** Moves to a place of the picture, given as shares of its size. */
  private static void move(Visitor visitor, double x, double y) {
    BoundingBox box = visitor.find("#overlay").boundingBox();
    visitor.page.mouse().move(box.x + x * box.width, box.y + y * box.height);
  }

  private static void click(Visitor visitor, double x, double y) {
    move(visitor, x, y);
    visitor.page.mouse().down();
    visitor.page.mouse().up();
  }

  private static void lasso(Visitor visitor, double... corners) {
    move(visitor, corners[0], corners[1]);
    visitor.page.mouse().down();
    for (int i = 2; i < corners.length; i += 2) {
      move(visitor, corners[i], corners[i + 1]);
    }
    visitor.page.mouse().up();
  }

  @Test
  void lasso_asksAboutAPart_beforeTokensAreKnown() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#select").click();
      lasso(visitor, 0.1, 0.75, 0.4, 0.75, 0.4, 0.99, 0.1, 0.99);
      assertThat(visitor.find("#selection-text").textContent()).isEqualTo("1 part selected:");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("lasso");
      visitor.find("#selection-ask").click();
      assertThat(visitor.find("#about-region").isVisible()).isTrue();
      visitor.recordQuestions();
      assertThat(visitor.ask(COLOR)).isEqualTo("brown");
      assertThat(visitor.asked(0))
          .anyMatch(field -> field.startsWith("regions=[{\"picture\":0,\"polygon\":[["));
      assertThat(visitor.find("#about-region").isVisible()).as("for one question").isFalse();
      assertThat(visitor.find(".about-region").textContent()).contains("only the selected part");
      visitor.ask(COLOR);
      assertThat(visitor.asked(1)).noneMatch(field -> field.startsWith("regions="));
    }
  }

  @Test
  void straightLine_isTheDiagonalOfABox() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#select").click();
      assertThat(visitor.find("#selection-text").textContent()).doesNotContain("tokens");
      lasso(visitor, 0.1, 0.75, 0.25, 0.85, 0.4, 0.99);
      visitor.find("#selection-ask").click();
      visitor.recordQuestions();
      assertThat(visitor.ask(COLOR)).isEqualTo("brown");
      assertThat(visitor.asked(0).toString())
          .containsPattern("polygon\":\\[(\\[[\\d.]+,[\\d.]+],?){4}]");
      visitor.find("#select").click();
      assertThat(visitor.find("#selection-text").textContent()).contains("single tokens");
      lasso(visitor, 1.5 / 12, 1.5 / 12, 2 / 12.0, 3 / 12.0, 3.5 / 12, 4.5 / 12);
      assertThat(visitor.find("#selection-text").textContent())
          .as("every token that the box touches")
          .isEqualTo("12 tokens selected:");
    }
  }

  @Test
  void part_staysInSight_alsoAfterAnError() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#select").click();
      lasso(visitor, 0.1, 0.75, 0.4, 0.99);
      visitor.find("#selection-ask").click();
      assertThat(painted(visitor)).as("share of the picture").isBetween(0.05, 0.1);
      visitor.page.route(
          "**/api/ask",
          route ->
              route.fulfill(
                  new FulfillOptions()
                      .setStatus(400)
                      .setContentType("application/problem+json")
                      .setBody("{\"detail\": \"refused\"}")));
      visitor.find("#question").fill(COLOR);
      visitor.find("#send").click();
      visitor.waitForText("#alert", "refused");
      assertThat(visitor.find("#question").inputValue()).isEqualTo(COLOR);
      assertThat(visitor.find("#about-region").isVisible()).isTrue();
      visitor.find("#whole-picture").click();
      assertThat(painted(visitor)).isZero();
    }
  }

  private static double painted(Visitor visitor) {
    Object share =
        visitor.page.evaluate(
            """
            () => {
              const canvas = document.getElementById('overlay');
              const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              return 4 * data.filter((value, i) => i % 4 === 3 && value > 0).length / data.length;
            }
            """);
    return ((Number) share).doubleValue();
  }

  @Test
  void tokens_areKeptOrDroppedByClick() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(COLOR);
      visitor.find("#select").click();
      click(visitor, 2.5 / 12, 4.5 / 12);
      click(visitor, 3.5 / 12, 4.5 / 12);
      click(visitor, 2.5 / 12, 5.5 / 12);
      click(visitor, 8.5 / 12, 8.5 / 12);
      click(visitor, 8.5 / 12, 8.5 / 12);
      assertThat(visitor.find("#selection-text").textContent()).isEqualTo("3 tokens selected:");
      visitor.screenshot("tokens-selected");
      visitor.recordQuestions();
      visitor.find("#selection-keep").click();
      visitor.waitForCount(".turn .figures", 2);
      assertThat(visitor.find(".answer-text").last().textContent()).isEqualTo("teal");
      assertThat(visitor.find(".looked").last().textContent())
          .startsWith("looked at 3 of 144 tokens");
      assertThat(visitor.asked(0).toString())
          .as("tokens beside each other are one box")
          .contains("[0.16667,0.33333,0.33333,0.41667]", "[0.16667,0.41667,0.25,0.5]");
      visitor.find("#select").click();
      lasso(visitor, 0.02, 0.02, 0.98, 0.02, 0.98, 0.5, 0.02, 0.5);
      visitor.find("#selection-drop").click();
      visitor.waitForCount(".turn .figures", 3);
      assertThat(visitor.find(".looked").last().textContent())
          .startsWith("looked at 72 of 144 tokens");
      assertThat(visitor.find(".about-region").last().textContent()).contains("without");
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void keyboard_selectsTokens() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(COLOR);
      visitor.find("#overlay").focus();
      visitor.page.keyboard().press("ArrowRight");
      visitor.page.keyboard().press("Space");
      visitor.page.keyboard().press("ArrowRight");
      visitor.page.keyboard().press("Space");
      assertThat(visitor.find("#selection-text").textContent()).isEqualTo("2 tokens selected:");
      visitor.find("#selection-clear").click();
      assertThat(visitor.find("#selection-actions").isVisible()).isFalse();
    }
  }

  @Test
  void clips_cannotBeSelected() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.chooseClip("shape-moves.mp4");
      assertThat(visitor.find("#select").isVisible()).isFalse();
    }
  }

  @Test
  void zoomAndPan_moveThePicture() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask(COLOR);
      double width = visitor.find("#overlay").boundingBox().width;
      visitor.find("#zoom-in").click();
      visitor.find("#zoom-in").click();
      BoundingBox zoomed = visitor.find("#overlay").boundingBox();
      assertThat(zoomed.width / width).isBetween(2.2, 2.3);
      BoundingBox frame = visitor.find("#frame").boundingBox();
      visitor.page.mouse().move(frame.x + 100, frame.y + 100);
      visitor.page.mouse().down();
      visitor.page.mouse().move(frame.x + 140, frame.y + 120);
      visitor.page.mouse().up();
      BoundingBox moved = visitor.find("#overlay").boundingBox();
      assertThat(moved.x - zoomed.x).isBetween(39.0, 41.0);
      assertThat(moved.y - zoomed.y).isBetween(19.0, 21.0);
      visitor.screenshot("zoomed");
      visitor.find("#overlay").focus();
      visitor.page.keyboard().press("0");
      assertThat(visitor.find("#overlay").boundingBox().width).isBetween(width - 1, width + 1);
      assertThat(visitor.find("#zoom-out").isDisabled()).isTrue();
    }
  }

  @Test
  void pinch_zoomsThePictureAndNotThePage() {
    try (Visitor visitor =
        Visitor.of(
            server,
            options -> options.setViewportSize(390, 844).setHasTouch(true).setIsMobile(true))) {
      visitor.choosePictures("shapes.png");
      visitor.find("#frame").scrollIntoViewIfNeeded();
      BoundingBox whole = visitor.find("#overlay").boundingBox();
      double x = whole.x + whole.width / 2;
      double y = whole.y + whole.height / 2;
      visitor.find("#select").tap();
      visitor.touch("touchStart", x - 40, y);
      visitor.touch("touchMove", x - 41, y);
      visitor.touch("touchStart", x - 40, y, x + 40, y);
      visitor.touch("touchMove", x - 60, y, x + 60, y);
      visitor.touch("touchMove", x - 80, y, x + 80, y);
      BoundingBox twice = visitor.find("#overlay").boundingBox();
      assertThat(twice.width / whole.width).isBetween(1.95, 2.05);
      assertThat(twice.x + twice.width / 2).as("the middle stays").isBetween(x - 2, x + 2);
      visitor.touch("touchMove", x - 60, y + 20, x + 100, y + 20);
      BoundingBox moved = visitor.find("#overlay").boundingBox();
      assertThat(moved.x - twice.x).isBetween(19.0, 21.0);
      assertThat(moved.y - twice.y).isBetween(19.0, 21.0);
      visitor.touch("touchEnd");
      assertThat(visitor.page.evaluate("() => visualViewport.scale")).isEqualTo(1);
      assertThat(visitor.find("#selection-actions").isVisible()).as("two fingers select").isFalse();
      visitor.screenshot("pinched");
      visitor.touch("touchStart", x - 80, y, x + 80, y);
      visitor.touch("touchMove", x - 10, y, x + 10, y);
      visitor.touch("touchEnd");
      assertThat(visitor.find("#overlay").boundingBox().width)
          .isBetween(whole.width - 1, whole.width + 1);
      assertThat(visitor.complaints).isEmpty();
    }
  }
}
