package dev.squint.vision.io;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * Reads data URLs as browsers do (RFC 2397 and the Fetch standard): white space is ignored, the
 * data may be percent-encoded, and padding may be missing. The URL-safe alphabet is read too.
 */
public final class DataUrl {

  private static final String SCHEME = "data:";

  private DataUrl() {}

  /** Whether a text is a data URL. */
  public static boolean isData(String url) {
    return url.stripLeading().regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /**
   * The bytes of a data URL.
   *
   * @throws IllegalArgumentException if it has no comma, or its data are damaged
   */
  public static byte[] decode(String url) {
    String stripped = url.strip();
    int comma = stripped.indexOf(',');
    if (comma < 0) {
      throw new IllegalArgumentException(
          "a data URL has the form data:image/png;base64,DATA but this one has no comma");
    }
    String type = stripped.substring(SCHEME.length(), comma).strip().toLowerCase(Locale.ROOT);
    String data = stripped.substring(comma + 1);
    return type.matches("(?s).*;\\s*base64")
        ? base64(percentDecoded(data))
        : percentDecoded(data).getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * Decodes base64 in the usual or the URL-safe alphabet.
   *
   * @throws IllegalArgumentException if the text is not base64
   */
  public static byte[] base64(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case ' ', '\t', '\n', '\r', '\f' -> {}
        case '-' -> plain.append('+');
        case '_' -> plain.append('/');
        default -> plain.append(c);
      }
    }
    try {
      return Base64.getDecoder().decode(plain.toString());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the data is not base64: " + e.getMessage(), e);
    }
  }

  /** One character a byte. */
  private static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f) {
        throw new IllegalArgumentException(
            "the data of a data URL has a character that is not percent-encoded");
      }
      int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (c == '%' && high >= 0 && low >= 0) {
        bytes.write(16 * high + low);
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }
}
