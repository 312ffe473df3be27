package dev.squint.vision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Objects;

/** Reads the files that {@code samples/fixtures/vision.py} makes. */
public final class Fixtures {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Fixtures() {}

  public static byte[] bytes(String path) {
    try (InputStream in =
        Objects.requireNonNull(Fixtures.class.getResourceAsStream("/" + path), path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static JsonNode json(String path) {
    try {
      return JSON.readTree(bytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads {width, height, rgb}. */
  public static Picture picture(JsonNode node) {
    return new Picture(
        node.get("width").intValue(),
        node.get("height").intValue(),
        Base64.getDecoder().decode(node.get("rgb").textValue()));
  }

  /** The largest difference of any colour of any pixel, 0 to 255. */
  public static int difference(Picture one, Picture other) {
    if (one.width() != other.width() || one.height() != other.height()) {
      throw new AssertionError(
          "%d x %d pixels against %d x %d"
              .formatted(one.width(), one.height(), other.width(), other.height()));
    }
    int largest = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      largest = Math.max(largest, Math.abs((one.rgb()[i] & 0xff) - (other.rgb()[i] & 0xff)));
    }
    return largest;
  }
}
