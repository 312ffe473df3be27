package dev.squint.spark;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws a data set: pictures of one square, two questions about each, one of them a later turn. */
final class SmallSet {

  static final Path MODEL =
      Path.of("../../llm-decoder/src/test/resources/packages/tiled").toAbsolutePath().normalize();

  private SmallSet() {}

  static Path draw(Path folder, int pictures) throws IOException {
    Files.createDirectories(folder.resolve("images"));
    StringBuilder lines = new StringBuilder();
    List<Color> colours = List.of(Color.RED, Color.GREEN, Color.BLUE);
    for (int i = 0; i < pictures; i++) {
      BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      Graphics2D pen = image.createGraphics();
      pen.setColor(colours.get(i % 3));
      pen.fillRect(8 + i % 5, 8, 16, 16);
      pen.dispose();
      ImageIO.write(image, "png", folder.resolve("images/%d.png".formatted(i)).toFile());
      for (String question : List.of("What color is it?", "Is it red?")) {
        lines.append(
            """
            {"id": "%d-%d", "image": "images/%d.png", "question": "%s", "answer": "red", "kind": "color", "boxes": [{"frame": 0, "box": [8, 8, 24, 24]}], "history": %s}
            """
                .formatted(
                    i,
                    question.length(),
                    i,
                    question,
                    question.startsWith("What")
                        ? "[]"
                        : "[{\"question\": \"Is it round?\", \"answer\": \"no\"}]"));
      }
    }
    Files.writeString(folder.resolve("questions.jsonl"), lines.toString());
    return folder;
  }
}
