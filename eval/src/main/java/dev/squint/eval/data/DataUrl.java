package dev.squint.eval.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/** Decodes data URLs (RFC 2397) as browsers do. */
final class DataUrl {

  private DataUrl() {}

  /** Whether a text is a data URL. */
  static boolean is(String text) {
    return text.regionMatches(true, 0, "data:", 0, 5);
  }

  /**
   * Returns the content; base64 may have white space and the URL-safe alphabet.
   *
   * @throws IllegalArgumentException if the URL has no comma or its data are damaged
   */
  static byte[] content(String url) {
    int comma = url.indexOf(',');
    if (comma < 0) {
      throw new IllegalArgumentException(
          "a data URL has the form data:image/TYPE;base64,DATA but this one has no comma");
    }
    byte[] data = unescaped(url.substring(comma + 1));
    String type = url.substring(0, comma).strip().toLowerCase(Locale.ROOT);
    if (!type.endsWith(";base64")) {
      return data;
    }
    String base64 =
        new String(data, StandardCharsets.ISO_8859_1)
            .replaceAll("\\s", "")
            .replace('-', '+')
            .replace('_', '/');
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the data URL is not base64: " + e.getMessage(), e);
    }
  }

  private static byte[] unescaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && i + 2 < text.length() && isHex(text, i + 1)) {
        bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toByteArray();
  }

  private static boolean isHex(String text, int start) {
    return HexFormat.isHexDigit(text.charAt(start)) && HexFormat.isHexDigit(text.charAt(start + 1));
  }
}
