package dev.squint.webapp.openai;

import dev.squint.webapp.http.ApiException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * Reads data URLs as browsers do (RFC 2397 and the Fetch standard): white space is ignored, the
 * data may be percent-encoded, and padding may be missing. The URL-safe alphabet is read too.
 */
final class DataUrl {

  private static final String SCHEME = "data:";

  private DataUrl() {}

  static boolean isData(String url) {
    return url.stripLeading().regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /**
   * The bytes of a data URL.
   *
   * @param param the field of the request that has it
   */
  static byte[] decode(String url, String param) {
    String stripped = url.strip();
    int comma = stripped.indexOf(',');
    if (comma < 0) {
      throw ApiException.invalid(
          param, "a data URL has a comma before its data: data:image/png;base64,DATA");
    }
    String type = stripped.substring(SCHEME.length(), comma).strip().toLowerCase(Locale.ROOT);
    String data = stripped.substring(comma + 1);
    return type.matches("(?s).*;\\s*base64")
        ? base64(percentDecoded(data, param), param)
        : percentDecoded(data, param).getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * Decodes base64 in the usual or the URL-safe alphabet.
   *
   * @throws ApiException if the text is not base64
   */
  static byte[] base64(String text, String param) {
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
      throw ApiException.invalid(param, "the data is not base64: " + e.getMessage());
    }
  }

  /** One character a byte. */
  private static String percentDecoded(String text, String param) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f) {
        throw ApiException.invalid(
            param, "the data of a data URL has a character that is not percent-encoded");
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
