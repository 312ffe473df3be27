package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.BoundingBox;
import dev.squint.webapp.RunningServer;
import org.junit.jupiter.api.Test;

/** What the page shows of the visual tokens. */
class OverlayTest {

  /** How much of the overlay is veiled, 0 to 1. */
  private static final String VEILED =
      """
      () => {
        const canvas = document.getElementById('overlay');
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let veiled = 0;
        for (let i = 3; i < data.length; i += 4) {
          veiled += data[i] > 180 ? 1 : 0;
        }
        return 4 * veiled / data.length;
      }
      """;

  private final RunningServer server = RunningServer.trained();

  @Test
  void veil_coversWhatWasDropped() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(1);
      visitor.plan("encoder:uniform-grid(keep=0.25)");
      visitor.ask("How many shapes are there?");
      assertThat(visitor.find("#layers").isVisible()).as("crops and whole view").isTrue();
      assertThat(visitor.find("#stages").isVisible()).as("one stage only").isFalse();
      visitor.find("#show-tiles").uncheck();
      assertThat(veiled(visitor)).isBetween(0.7, 0.8);
      visitor.find("#show-kept").uncheck();
      assertThat(veiled(visitor)).isZero();
      visitor.find("#show-tiles").check();
      assertThat(veiled(visitor)).as("borders of tiles").isBetween(0.001, 0.1);
    }
  }

  @Test
  void stages_areShownOneByOneWithScores() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(1);
      visitor.plan("encoder:text-guided(keep=0.5) + layer2:fastv(keep=0.25)");
      visitor.ask("What color is the heart?");
      assertThat(visitor.find("#stages").textContent()).isEqualTo("encoder: 360layer2: 90");
      assertThat(visitor.find(".figures").textContent()).contains("From layer2");
      visitor.find("#show-tiles").uncheck();
      double last = veiled(visitor);
      visitor.find("#stages label").first().click();
      double first = veiled(visitor);
      assertThat(last).isGreaterThan(first + 0.2);
      visitor.find("#show-tiles").check();
      visitor.find("#stages label").last().click();
      assertThat(note(visitor, "dropped at encoder"))
          .containsPattern("score [-0-9.e]+, place \\d+ of 720");
      assertThat(note(visitor, "dropped at layer2"))
          .containsPattern("score [-0-9.e]+, place \\d+ of 360");
      assertThat(note(visitor, "kept to the end"))
          .containsPattern("score [-0-9.e]+, place \\d+ of 360");
      visitor.screenshot("stages");
    }
  }

  @Test
  void tokenWithoutScore_saysSo() {
    try (Visitor visitor = Visitor.of(server)) {
      visitor.takeExample(0);
      visitor.plan("encoder:uniform-grid(keep=0.25)");
      visitor.ask("What color is the heart?");
      assertThat(note(visitor, "kept to the end")).endsWith("no score");
      assertThat(note(visitor, "dropped at encoder")).endsWith("no score");
    }
  }

  /** The opacities of a picture of two tiles, all dropped, where edges fall between two pixels. */
  private static final String OPACITIES =
      """
      async () => {
        const {dimTokens} = await import('/js/overlay.js');
        const canvas = Object.assign(document.createElement('canvas'), {width: 414, height: 104});
        const tile = (left, right, first) =>
          ({crop: {}, region: [left, 0, right, 160], cols: 12, rows: 12, first, into: Array(144).fill(-1), stages: []});
        const picture = {width: 640, height: 160, tiles: [tile(0, 320, 0), tile(320, 640, 144)]};
        const context = canvas.getContext('2d');
        dimTokens(context, picture, {scale: 414 / 640, tiles: false});
        const {data} = context.getImageData(0, 0, 414, 103);
        return [...new Set(data.filter((_, i) => i % 4 === 3))].length;
      }
      """;

  @Test
  void neighbours_leaveNoSeam() {
    try (Visitor visitor = Visitor.of(server)) {
      assertThat(visitor.page.evaluate(OPACITIES)).isEqualTo(1);
    }
  }

  private static double veiled(Visitor visitor) {
    return ((Number) visitor.page.evaluate(VEILED)).doubleValue();
  }

  /** Moves the pointer over the picture until the note says this. */
  private static String note(Visitor visitor, String part) {
    BoundingBox box = visitor.find("#overlay").boundingBox();
    for (int step = 0; step < 400; step++) {
      double x = (step % 20 + 0.5) / 20;
      double y = (Math.floor(step / 20.0) + 0.5) / 20;
      visitor.page.mouse().move(box.x + x * box.width, box.y + y * box.height);
      String note = visitor.find("#token-note").textContent();
      if (note.contains(part)) {
        return note;
      }
    }
    throw new AssertionError("no token " + part);
  }
}
