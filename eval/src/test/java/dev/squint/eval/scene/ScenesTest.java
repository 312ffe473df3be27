package dev.squint.eval.scene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.data.Box;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.JsonLinesReader;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenesTest {

  private static final int EDGE = 96;
  private static final int SEEDS = 150;

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource
  void sameSeed_givesTheSameScene(Scenes family) {
    Scene one = family.draw(5, EDGE);
    Scene same = family.draw(5, EDGE);
    assertThat(same.asked()).isEqualTo(one.asked());
    for (int t = 0; t < one.frames().size(); t++) {
      assertThat(pixels(same.frames().get(t))).isEqualTo(pixels(one.frames().get(t)));
    }
    Set<String> different = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      different.add(family.draw(seed, EDGE).asked().toString());
    }
    assertThat(different).hasSize(20);
  }

  @ParameterizedTest
  @EnumSource
  void boxes_areInsideTheirFrames_andNotEmpty(Scenes family) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Scene scene = family.draw(seed, EDGE);
      assertThat(scene.asked()).hasSizeGreaterThanOrEqualTo(3);
      for (Scene.Asked asked : scene.asked()) {
        assertThat(asked.answer()).isNotBlank();
        for (Box box : asked.boxes()) {
          assertThat(box.right()).isLessThanOrEqualTo(EDGE);
          assertThat(box.bottom()).isLessThanOrEqualTo(EDGE);
          assertThat(colours(scene.frames().get(box.frame()), box)).isGreaterThan(1);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void askedObjects_haveTheirColour(Scenes family) {
    int checked = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Scene scene = family.draw(seed, EDGE);
      for (Scene.Asked asked : scene.asked()) {
        if (asked.kind().equals("color")) {
          checked++;
          Box box = asked.boxes().get(0);
          assertThat(nearest(scene.frames().get(box.frame()), box, colour(asked.answer())))
              .as("%s %s of seed %d", asked.question(), asked.answer(), seed)
              .isLessThan(49);
        }
      }
    }
    assertThat(checked).isGreaterThan(20);
  }

  @Test
  void yesAndNo_areBalanced() {
    Map<String, int[]> counts = new HashMap<>();
    for (Scenes family : Scenes.values()) {
      for (int seed = 0; seed < 400; seed++) {
        for (Scene.Asked asked : family.draw(seed, EDGE).asked()) {
          int[] count = counts.computeIfAbsent(family + " " + asked.kind(), name -> new int[2]);
          count[0] += asked.answer().equals("yes") ? 1 : 0;
          count[1] += asked.answer().equals("no") ? 1 : 0;
        }
      }
    }
    counts.forEach(
        (kind, count) -> {
          if (count[0] + count[1] > 100) {
            double yes = (double) count[0] / (count[0] + count[1]);
            assertThat(yes).as(kind).isBetween(0.25, 0.75);
          }
        });
  }

  @Test
  void drawnSet_isReadBackUnchanged() {
    Path folder = Scenes.CLIPS.write(temp, 7, 3, EDGE);
    DataSet set = JsonLinesReader.read("clips", folder);
    Scene first = Scenes.CLIPS.draw(7, EDGE);
    assertThat(set.questions().get(0).text()).isEqualTo(first.asked().get(0).question());
    assertThat(set.questions().get(0).boxes()).isEqualTo(first.asked().get(0).boxes());
    assertThat(set.questions().get(0).pictures()).hasSize(4);
    assertThat(set.pictures().read(set.questions().get(0).pictures().get(3)).toBufferedImage())
        .satisfies(image -> assertThat(pixels(image)).isEqualTo(pixels(first.frames().get(3))));
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  private static int colours(BufferedImage image, Box box) {
    Set<Integer> colours = new HashSet<>();
    for (int y = (int) box.top(); y < box.bottom(); y++) {
      for (int x = (int) box.left(); x < box.right(); x++) {
        colours.add(image.getRGB(x, y));
      }
    }
    return colours.size();
  }

  private static double nearest(BufferedImage image, Box box, Color wanted) {
    double nearest = Double.MAX_VALUE;
    for (int y = (int) box.top(); y < box.bottom(); y++) {
      for (int x = (int) box.left(); x < box.right(); x++) {
        Color there = new Color(image.getRGB(x, y));
        double r = there.getRed() - wanted.getRed();
        double g = there.getGreen() - wanted.getGreen();
        double b = there.getBlue() - wanted.getBlue();
        nearest = Math.min(nearest, Math.sqrt(r * r + g * g + b * b));
      }
    }
    return nearest;
  }

  // Two shades of one colour differ by up to 28 in each channel.
  private static Color colour(String name) {
    Colour colour = Colour.valueOf(name.toUpperCase(Locale.ROOT));
    return colour.shade(new Dice(1));
  }
}
