package dev.squint.eval;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Draws data sets for tests. */
public final class SmallSets {

  private static final List<Color> COLOURS = List.of(Color.RED, Color.GREEN, Color.BLUE);
  private static final List<String> NAMES = List.of("red", "green", "blue");

  private static final Pattern IMAGE = Pattern.compile("images/[^\"]+");

  private SmallSets() {}

  /** Pictures of one coloured square, two questions about each. */
  public static Path colours(Path folder, int pictures) throws IOException {
    return colours(folder, pictures, 32);
  }

  /** Draws the same set with pictures of another edge length, at least 32 pixels. */
  public static Path colours(Path folder, int pictures, int edge) throws IOException {
    Files.createDirectories(folder.resolve("images"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < pictures; i++) {
      BufferedImage image = new BufferedImage(edge, edge, BufferedImage.TYPE_INT_RGB);
      Graphics2D pen = image.createGraphics();
      pen.setColor(COLOURS.get(i % COLOURS.size()));
      pen.fillRect(8, 8, 16, 16);
      pen.setColor(new Color(i, i, i));
      pen.fillRect(0, 0, 1, 1);
      pen.dispose();
      ImageIO.write(image, "png", folder.resolve("images/%d.png".formatted(i)).toFile());
      String name = NAMES.get(i % NAMES.size());
      String box = "[{\"frame\": 0, \"box\": [8, 8, 24, 24]}]";
      lines.append(line(i, "color", "What color is it?", name, box));
      lines.append(line(i, "exist", "Is it red?", name.equals("red") ? "yes" : "no", box));
    }
    Files.writeString(folder.resolve("questions.jsonl"), lines);
    return folder;
  }

  private static String line(int i, String kind, String question, String answer, String boxes) {
    return """
    {"id": "%d-%s", "images": ["images/%d.png"], "question": "%s", "answer": "%s", "kind": "%s", "boxes": %s}
    """
        .formatted(i, kind, i, question, answer, kind, boxes);
  }

  /** Some questions of a packed set, with their pictures, in a folder with the name of the set. */
  public static Path some(Path zip, Path parent, String... ids) throws IOException {
    String name = zip.getFileName().toString().replace(".zip", "");
    Path folder = Files.createDirectories(parent.resolve(name));
    List<String> lines = new ArrayList<>();
    try (FileSystem packed = FileSystems.newFileSystem(zip)) {
      for (String line : Files.readAllLines(packed.getPath("questions.jsonl"))) {
        if (Arrays.stream(ids).anyMatch(id -> line.startsWith("{\"id\": \"" + id + "\","))) {
          lines.add(line);
          for (MatchResult image : IMAGE.matcher(line).results().toList()) {
            Path to = folder.resolve(image.group());
            Files.createDirectories(to.getParent());
            Files.copy(packed.getPath(image.group()), to, StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
    if (lines.size() != ids.length) {
      throw new IllegalArgumentException(zip + " has " + lines.size() + " of the questions");
    }
    Files.write(folder.resolve("questions.jsonl"), lines);
    return folder;
  }

  /** Packs a folder. */
  public static Path zip(Path folder, Path zip) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
        var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new ZipEntry(folder.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
      }
    }
    return zip;
  }
}
