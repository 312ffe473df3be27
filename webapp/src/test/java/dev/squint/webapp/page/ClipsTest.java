package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ViewportSize;
import dev.squint.webapp.RunningServer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clips on the page: how they are added, their frames, and which frames the model attended to. */
class ClipsTest {

  private static final String QUESTION = "Which way does the circle move?";
  private static final String TIMES =
      "[...document.querySelectorAll('.frames .thumb-note')].map(note => note.textContent)";

  /** How much of each frame of the strip is veiled, 0 to 1. */
  private static final String VEILED =
      """
      [...document.querySelectorAll('.frames canvas')].map(canvas => {
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let veiled = 0;
        for (let i = 3; i < data.length; i += 4) {
          veiled += data[i] > 180 ? 1 : 0;
        }
        return Math.round(400 * veiled / data.length) / 100;
      })
      """;

  private final RunningServer server = RunningServer.trained();

  @Test
  void pastedOrDropped_isAskedAbout() {
    List<String> events =
        List.of(
            "dispatchEvent(new ClipboardEvent('paste', {clipboardData: data}));",
            "document.getElementById('drop').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));");
    try (Visitor visitor = Visitor.of(server)) {
      for (String event : events) {
        visitor.beginAnew();
        // Neither name nor type identifies the format.
        visitor.page.evaluate(
            """
            base64 => {
              const data = new DataTransfer();
              const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
              data.items.add(new File([bytes], 'upload'));
            """
                + event
                + "}",
            Base64.getEncoder().encodeToString(RunningServer.clip("shape-moves.mp4")));
        visitor.waitForCount(".frames .thumb", 4);
        assertThat(visitor.ask(QUESTION)).as(event).isEqualTo("right");
      }
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void frames_areThoseThatTheServerChose_eachWithItsTokens() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.chooseClip("shape-moves.mp4");
      assertThat(visitor.page.evaluate(TIMES))
          .isEqualTo(List.of("0.00 s", "1.32 s", "2.63 s", "3.95 s"));
      visitor.screenshot("clip-chosen");
      visitor.plan("frames:even(frames=2) + encoder:uniform-grid(keep=0.25)");
      visitor.ask(QUESTION);
      visitor.waitForCount(".frames s", 2);
      assertThat(visitor.page.evaluate(TIMES))
          .isEqualTo(List.of("0.00 s", "1.25 s", "2.50 s", "3.88 s"));
      assertThat(visitor.page.evaluate(VEILED).toString()).isEqualTo("[0.75, 1, 1, 0.75]");
      assertThat(visitor.find(".figures").textContent())
          .contains("72 of 576", "Frames2 of 4", "read");
      visitor.find(".frames button").nth(1).click();
      assertThat(visitor.find("#overlay").getAttribute("aria-label"))
          .isEqualTo("shape-moves.mp4 at 1.25 s: dropped by the plan");
      visitor.find(".frames button").nth(3).click();
      visitor.find("#overlay").focus();
      visitor.page.keyboard().press("ArrowRight");
      assertThat(visitor.find("#token-note").textContent())
          .contains("row 1, column 1", "token 144");
      visitor.screenshot("clip-answer");
      assertThat(visitor.complaints).isEmpty();
      assertThat(visitor.hosts).isEqualTo(Set.of(server.url("")));
    }
  }

  @Test
  void sampling_isWhatIsAskedFor() {
    try (Visitor visitor = Visitor.of(server)) {
      assertThat(visitor.find("#clip-tools").isVisible()).isFalse();
      visitor.chooseClip("vp9.webm");
      visitor.find("#clip-frames").fill("3");
      visitor.find("#clip-from").fill("1");
      visitor.find("#clip-to").fill("2");
      visitor.find("#clip-to").press("Tab");
      visitor.waitForCount(".frames .thumb", 3);
      visitor.ask("What is this?");
      visitor.waitForText(".frames", "1.48 s");
      assertThat(visitor.page.evaluate(TIMES)).isEqualTo(List.of("1.00 s", "1.48 s", "2.00 s"));
      visitor.find("#clip-to").fill("0.5");
      visitor.find("#question").fill("And now?");
      visitor.find("#send").click();
      visitor.waitForText("#alert", "a part of a video begins");
    }
  }

  @Test
  void pictureAndClip_standInTheirOrder() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.chooseClip("shape-moves.mp4");
      visitor.ask("What color is the heart?");
      assertThat(visitor.find(".figures").textContent()).contains("720 of 720");
      assertThat(visitor.find("#strip .thumb").count()).isEqualTo(5);
      visitor.find(".clip-name button").click();
      visitor.waitForCount("#strip .thumb", 1);
      assertThat(visitor.find("#clip-tools").isVisible()).isFalse();
    }
  }

  @Test
  void recordedClip_whoseLengthItsHeaderDoesNotSay_isShown() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.chooseClip("no-length.webm");
      visitor.waitForCount(".frames .thumb", 4);
      assertThat(visitor.find(".clip-name").textContent()).contains("no-length.webm · 4.0 s");
    }
  }

  @Test
  void animatedPicture_isAClip() {
    List<String> names = List.of("animation.gif", "animation.webp", "animation.png");
    try (Visitor visitor = Visitor.of(server)) {
      visitor.recordQuestions();
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        visitor.beginAnew();
        visitor.chooseClip(name);
        visitor.waitForCount(".frames .thumb", 4);
        assertThat(visitor.find(".clip-name span").textContent()).isEqualTo(name + " · 4.0 s");
        visitor.ask("What color is this?");
        assertThat(visitor.asked(i)).contains("clips=" + name);
        assertThat(visitor.page.evaluate(TIMES))
            .as("the frames of %s that the server read", name)
            .isEqualTo(List.of("0.00 s", "1.30 s", "2.60 s", "3.90 s"));
        assertThat(visitor.find(".looked").textContent()).contains("576 tokens");
      }
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void clipThatTheBrowserCannotPlay_isStillAskedAbout() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.chooseClip("mjpeg.avi");
      assertThat(visitor.find(".clip-name").textContent()).contains("this browser cannot play it");
      visitor.ask("What color is this?");
      visitor.waitForCount(".frames .thumb", 4);
      visitor.screenshot("clip-unplayable");
    }
  }

  @Test
  void clipThatIsNone_isComplainedOfByTheServer() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.chooseClip("sound-only.m4a");
      visitor.find("#question").fill("What is this?");
      visitor.find("#send").click();
      visitor.waitForText("#alert", "has no pictures in it, only sound or text");
      assertThat(visitor.find("#question").inputValue()).isEqualTo("What is this?");
    }
  }

  /** Not its description, which is there for those who do not see the frame. */
  @Test
  void exampleOfAClip_isAnEmptyPlace_untilItsFrameIsDrawn() {
    try (Visitor visitor = Visitor.of(server)) {
      List<Route> held = new ArrayList<>();
      visitor.page.route("**/examples/*.mp4", held::add);
      visitor.reload();
      visitor.waitForCount(".example", 5);

      assertThat(visitor.find(".example.moves img").count()).isZero();
      assertThat(visitor.find(".example.moves").innerText()).isEqualTo(QUESTION);
      double height = visitor.find(".example.moves .picture-place").boundingBox().height;
      held.forEach(Route::resume);
      visitor.page.unroute("**/examples/*.mp4");
      visitor.waitForCount(".example.moves img", 1);
      assertThat(visitor.find(".example.moves img").boundingBox().height).isEqualTo(height);
      assertThat(visitor.find(".example.moves img").getAttribute("alt")).isNotEmpty();
      assertThat(visitor.find(".example.moves .picture-place").count()).isZero();
    }
  }

  @Test
  void example_isAClip_withAllStatesFreeOfFindings() {
    try (Visitor visitor =
        Visitor.of(server, options -> options.setColorScheme(ColorScheme.DARK))) {
      visitor.waitFor(
          "() => [...document.querySelectorAll('.example img')].filter(image => image.naturalWidth > 0).length === 5");
      visitor.screenshot("gallery");
      visitor.find(".example").nth(4).click();
      visitor.waitForCount(".frames .thumb", 4);
      AccessibilityTest.assertNoFinding(visitor);
      visitor.waitFor("() => document.getElementById('question').value !== ''");
      visitor.plan("encoder:aim-merge(keep=0.25)");
      assertThat(visitor.ask(QUESTION)).isEqualTo("right");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("clip-dark");
      visitor.find("#tab-compare").click();
      visitor.find("#question").fill(QUESTION);
      visitor.find("#send").click();
      visitor.waitForText("#live", "2 answers");
      AccessibilityTest.assertNoFinding(visitor);
      visitor.screenshot("clip-compare");
      visitor.find("#open-history").click();
      visitor.waitForCount("#history[open]", 1);
      visitor.screenshot("clip-history");
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void phone_showsAClipInOneColumn() {
    try (Visitor visitor =
        Visitor.of(
            server,
            options ->
                options
                    .setViewportSize(new ViewportSize(390, 844))
                    .setHasTouch(true)
                    .setIsMobile(true))) {
      visitor.chooseClip("h264.mp4");
      visitor.find("#clip-frames").fill("12");
      visitor.find("#clip-frames").press("Tab");
      visitor.waitForCount(".frames .thumb", 12);
      AccessibilityTest.assertFitsTheWidth(visitor, 390);
      visitor.screenshot("phone-clip-chosen");
      visitor.plan("encoder:evs(keep=0.25)");
      visitor.ask("What color is this?");
      AccessibilityTest.assertFitsTheWidth(visitor, 390);
      AccessibilityTest.assertNoFinding(visitor);
      // The strip may be drawn once more meanwhile, so its element is looked up and scrolled at
      // once.
      visitor.page.evaluate("() => document.querySelector('.frames').scrollIntoView()");
      visitor.screenshot("phone-clip");
    }
  }

  @Test
  void keyboard_reachesFramesAndSampling() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.chooseClip("shape-moves.mp4");
      visitor.find(".frames button").nth(2).focus();
      visitor.page.keyboard().press("Enter");
      assertThat(visitor.find(".frames button").nth(2).getAttribute("aria-pressed"))
          .isEqualTo("true");
      assertThat(visitor.page.evaluate("document.activeElement.getAttribute('aria-label')"))
          .isEqualTo("Show the frame at 2.63 s");
    }
  }
}
