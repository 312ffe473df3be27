package dev.squint.eval.cli;

import dev.squint.vision.picture.Picture;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Writes pictures into one PNG file, stacked vertically. The file is written completely or not at
 * all.
 */
final class MapFile {

  private static final int GAP = 4;

  private MapFile() {}

  /**
   * Checks that the file can be written, before the model runs.
   *
   * @throws IllegalArgumentException if the file cannot be written; the message says why
   */
  static void checkTarget(Path file) {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new IllegalArgumentException(
          "--map writes a PNG; give a file name that ends in .png instead of " + file);
    }
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          "cannot write the map: %s is a folder; give a file name".formatted(file));
    }
    Path folder = folder(file);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "cannot write the map: the folder %s does not exist; create it or choose another"
              .formatted(folder));
    }
    if (!Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "cannot write the map: the folder %s is not writable; choose another".formatted(folder));
    }
  }

  /** Writes a temporary file first, so that the target is never partly written. */
  static void write(Path file, List<Picture> pictures) {
    try {
      Path unfinished = Files.createTempFile(folder(file), ".squint-map", ".png");
      try {
        ImageIO.write(below(pictures), "png", unfinished.toFile());
        move(unfinished, file);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path folder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? file.toAbsolutePath() : folder;
  }

  private static BufferedImage below(List<Picture> pictures) {
    int width = pictures.stream().mapToInt(Picture::width).max().orElse(1);
    int height = pictures.stream().mapToInt(picture -> picture.height() + GAP).sum() - GAP;
    BufferedImage all = new BufferedImage(width, Math.max(1, height), BufferedImage.TYPE_INT_RGB);
    int y = 0;
    for (Picture picture : pictures) {
      all.createGraphics().drawImage(picture.toBufferedImage(), 0, y, null);
      y += picture.height() + GAP;
    }
    return all;
  }
}
