package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import org.junit.jupiter.api.Test;

/** Settings, keys, and a server that goes away. */
class SettingsTest {

  private final RunningServer server = RunningServer.trained();

  @Test
  void settings_areSentAndRemembered() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#open-settings").click();
      assertThat(visitor.find("#seed").isDisabled()).as("without a temperature").isTrue();
      visitor.find("#temperature").fill("0.5");
      visitor.find("#seed").fill("7");
      visitor.find("#system").fill("Answer in one word.");
      visitor.find("#longest").fill("5");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("settings");
      visitor.reload();
      visitor.recordQuestions();
      visitor.ask("What color is the heart?");
      assertThat(visitor.asked(0))
          .contains(
              "temperature=0.5",
              "seed=7",
              "system=Answer in one word.",
              "max_tokens=5",
              "plan=none");
      visitor.find("#open-settings").click();
      visitor.find("#reset-settings").click();
      visitor.page.keyboard().press("Escape");
      visitor.ask("What color is the heart?");
      assertThat(visitor.asked(1))
          .contains("max_tokens=256")
          .noneMatch(field -> field.matches("(temperature|seed|system)=.*"));
    }
  }

  @Test
  void shiftAndEnter_breaksTheLine() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.find("#question").fill("What color");
      visitor.find("#question").press("Shift+Enter");
      visitor.page.keyboard().type("is the heart?");
      visitor.page.keyboard().press("Enter");
      visitor.waitForCount(".turn .figures", 1);
      assertThat(visitor.find(".asked").textContent()).isEqualTo("What color\nis the heart?");
    }
  }

  @Test
  void serverThatIsGone_isWaitedFor() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.page.context().setOffline(true);
      visitor.find("#question").fill("What color is the heart?");
      visitor.page.keyboard().press("Enter");
      visitor.waitForText("#alert", "The server does not answer");
      assertThat(visitor.find("#model").textContent()).isEqualTo("not connected");
      assertThat(visitor.find("#question").inputValue()).isEqualTo("What color is the heart?");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("server-gone");
      visitor.page.context().setOffline(false);
      visitor.waitForText("#model", "tiny-vlm");
      visitor.waitForText(".toast", "The server is back.");
      assertThat(visitor.find("#alert").isVisible()).isFalse();
      visitor.page.keyboard().press("Enter");
      visitor.waitForCount(".turn .figures", 1);
    }
  }
}
