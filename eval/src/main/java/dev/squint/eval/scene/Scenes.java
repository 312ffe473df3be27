package dev.squint.eval.scene;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.Box;
import dev.squint.eval.data.JsonLinesReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Families of synthetic scenes; each can be drawn as a data set. */
public enum Scenes {
  /** Shapes on a grey background. */
  SHAPES,
  /** A word or a number. */
  TEXT,
  /** A bar chart or a line chart. */
  CHARTS,
  /** Four frames with an event. */
  CLIPS;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns the scene of a seed; it is the same on every machine except for the fonts. */
  Scene draw(long seed, int edge) {
    Dice dice = new Dice(31 * seed + name().hashCode());
    return switch (this) {
      case SHAPES -> ShapeScenes.draw(dice, edge);
      case TEXT -> TextScenes.draw(dice, edge);
      case CHARTS -> ChartScenes.draw(dice, edge);
      case CLIPS -> ClipScenes.draw(dice, edge);
    };
  }

  /**
   * Draws a data set, pictures and {@code questions.jsonl}, into a new folder with the family's
   * name.
   *
   * @param folder parent of the new folder
   * @param seed seed of the first scene; the following scenes use the following seeds
   * @param scenes number of scenes
   * @param edge edge of the pictures in pixels
   * @return the new folder
   */
  public Path write(Path folder, long seed, int scenes, int edge) {
    Path set = folder.resolve(toString());
    List<String> lines = new ArrayList<>();
    try {
      Files.createDirectories(set.resolve("images"));
      for (int i = 0; i < scenes; i++) {
        Scene scene = draw(seed + i, edge);
        List<String> images = new ArrayList<>();
        for (int t = 0; t < scene.frames().size(); t++) {
          String image =
              scene.frames().size() == 1
                  ? "images/%05d.png".formatted(i)
                  : "images/%05d-%d.png".formatted(i, t);
          ImageIO.write(scene.frames().get(t), "png", set.resolve(image).toFile());
          images.add(image);
        }
        for (int q = 0; q < scene.asked().size(); q++) {
          lines.add(line("%05d-%d".formatted(i, q), images, scene.asked().get(q)));
        }
      }
      Files.write(set.resolve(JsonLinesReader.FILE), lines);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written".formatted(set), e);
    }
    return set;
  }

  private static String line(String id, List<String> images, Scene.Asked asked) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("id", id);
    images.forEach(line.putArray("images")::add);
    line.put("question", asked.question());
    line.put("answer", asked.answer());
    line.put("kind", asked.kind());
    var boxes = line.putArray("boxes");
    for (Box box : asked.boxes()) {
      boxes
          .addObject()
          .put("frame", box.frame())
          .putArray("box")
          .add((int) box.left())
          .add((int) box.top())
          .add((int) box.right())
          .add((int) box.bottom());
    }
    return JSON.writeValueAsString(line);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
