package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.FilePayload;
import dev.squint.webapp.RunningServer;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways in which pictures come to the page. */
class PicturesTest {

  private static final String FILE =
      """
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
      data.items.add(new File([bytes], 'picture.png', {type: 'image/png'}));
      """;

  private final RunningServer server = RunningServer.trained();

  @Test
  void pastedOrDropped_isShown() {
    List<String> events =
        List.of(
            "dispatchEvent(new ClipboardEvent('paste', {clipboardData: data}));",
            "document.getElementById('drop').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));");
    try (Visitor visitor = Visitor.of(server)) {
      for (String event : events) {
        visitor.beginAnew();
        visitor.page.evaluate(
            "base64 => {" + FILE + event + "}",
            Base64.getEncoder().encodeToString(RunningServer.picture("shapes.png")));
        visitor.waitForCount("#strip .thumb", 1);
        assertThat(visitor.ask("What color is the heart?")).as(event).isEqualTo("red");
      }
    }
  }

  @Test
  void photograph_isTaken() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.find("#photograph").click();
      visitor.waitFor("() => document.getElementById('finder').videoWidth > 0");
      visitor.screenshot("camera");
      visitor.find("#shoot").click();
      visitor.waitForCount("#strip .thumb", 1);
      assertThat(visitor.find("#camera").isVisible()).isFalse();
      assertThat(visitor.ask("What is this?")).isNotNull();
      assertThat(visitor.complaints).isEmpty();
    }
  }

  @Test
  void largePicture_isMadeSmallerBeforeItTravels() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.page.evaluate(
          """
          async () => {
            const canvas = document.createElement('canvas');
            canvas.width = 4000;
            canvas.height = 1000;
            canvas.getContext('2d').fillRect(10, 10, 900, 900);
            const data = new DataTransfer();
            const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
            data.items.add(new File([blob], 'wide.png', {type: 'image/png'}));
            dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
          }
          """);
      visitor.waitForCount("#strip .thumb", 1);
      assertThat(visitor.find(".thumb-note").textContent())
          .isEqualTo("shrunk: 4000 × 1000 to 2048 × 512");
      BoundingBox picture = visitor.find("#strip .thumb img").boundingBox();
      BoundingBox remove = visitor.find("#strip .remove").boundingBox();
      assertThat(remove.x).as("on the corner").isBetween(picture.x, picture.x + picture.width);
    }
  }

  @Test
  void whatIsNoPicture_isComplainedOf() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.page.evaluate(
          """
          () => {
            const data = new DataTransfer();
            data.items.add(new File(['hello'], '<b>note</b>.png', {type: 'image/png'}));
            dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
          }
          """);
      visitor.waitForText("#alert", "<b>note</b>.png is not a picture");
      assertThat(visitor.find("#alert").textContent()).contains("Choose a PNG");
      assertThat(visitor.find("#strip .thumb").count()).isZero();
    }
  }

  @Test
  void droppedWords_areLeftToTheBrowser() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.choosePictures("shapes.png");
      visitor.ask("What color is the heart?");
      Object taken =
          visitor.page.evaluate(
              """
              () => {
                const data = new DataTransfer();
                data.setData('text/plain', 'a word');
                return ['dragover', 'drop'].map(name => {
                  const event = new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true});
                  document.getElementById('drop').dispatchEvent(event);
                  return event.defaultPrevented;
                });
              }
              """);
      assertThat(taken).isEqualTo(List.of(false, false));
      assertThat(visitor.find("#drop").getAttribute("class")).doesNotContain("over");
      visitor.find(".asked").selectText();
      visitor.find(".asked").dragTo(visitor.find("#question"));
      assertThat(visitor.find("#question").inputValue()).contains("What color is the heart?");
      visitor.page.waitForTimeout(100);
      assertThat(visitor.find(".turn").count()).isEqualTo(1);
    }
  }

  @Test
  void chooseButton_opensTheFileChooser() {
    try (Visitor visitor = Visitor.of(server)) {
      FileChooser chooser = visitor.page.waitForFileChooser(() -> visitor.find("#choose").click());
      assertThat(chooser.isMultiple()).isTrue();
      chooser.setFiles(RunningServer.PICTURES.resolve("shapes.png"));
      visitor.waitForCount("#strip .thumb", 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"false, Drop a picture or a clip here", "true, Choose a picture or a clip"})
  void emptyField_opensTheFileChooser(boolean finger, String title) {
    try (Visitor visitor =
        Visitor.of(server, options -> options.setHasTouch(finger).setIsMobile(finger))) {
      assertThat(visitor.find(".drop-title:visible").allTextContents()).containsExactly(title);
      FileChooser chooser = visitor.page.waitForFileChooser(() -> visitor.find("#drop").click());
      chooser.setFiles(RunningServer.PICTURES.resolve("shapes.png"));
      visitor.waitForCount("#strip .thumb", 1);
    }
  }

  @Test
  void oneBadFile_doesNotKeepTheOthersOut() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.find("#file").setInputFiles(new FilePayload[] {shapes(), broken(), shapes()});
      visitor.waitForText("#alert", "broken.png is not a picture");
      visitor.waitForCount("#strip .thumb", 2);
      visitor.waitForText("#live", "Ready: 2 pictures.");
      visitor.ask("What color is the heart?");
      visitor.find("#file").setInputFiles(broken());
      visitor.waitForText("#alert", "broken.png is not a picture");
      assertThat(visitor.find(".turn").count()).as("the pictures are the same").isEqualTo(1);
    }
  }

  private static FilePayload shapes() {
    return new FilePayload("shapes.png", "image/png", RunningServer.picture("shapes.png"));
  }

  private static FilePayload broken() {
    return new FilePayload("broken.png", "image/png", new byte[] {1, 2, 3});
  }
}
