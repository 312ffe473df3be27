package dev.squint.vision.video;

import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The clips of {@code samples/clips}: a white bar shows the frame number. */
final class Clips {

  static final Path FOLDER = Path.of("..", "samples", "clips");

  private Clips() {}

  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Number of the frame out of so many, by the place of the bar. */
  static int number(Picture picture, int frames) {
    int y = picture.height() * 3 / 8;
    for (int x = 0; x < picture.width(); x++) {
      if (red(picture, x, y) > 140) {
        return (int) Math.round((double) x * frames / picture.width());
      }
    }
    return -1;
  }

  static int red(Picture picture, int x, int y) {
    return picture.rgb()[3 * (y * picture.width() + x)] & 0xff;
  }

  static int green(Picture picture, int x, int y) {
    return picture.rgb()[3 * (y * picture.width() + x) + 1] & 0xff;
  }

  static int blue(Picture picture, int x, int y) {
    return picture.rgb()[3 * (y * picture.width() + x) + 2] & 0xff;
  }

  static List<Picture> at(Video video, double... seconds) {
    List<Picture> pictures = new ArrayList<>();
    video.frames(seconds, frame -> pictures.add(frame.picture()), () -> false);
    return pictures;
  }
}
