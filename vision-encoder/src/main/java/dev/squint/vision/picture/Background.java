package dev.squint.vision.picture;

import java.util.Locale;

/** Names of colours that transparent pictures are put on. */
public final class Background {

  private Background() {}

  /**
   * Reads a colour.
   *
   * @param text {@code white}, {@code black}, {@code grey}, or hexadecimal as {@code #f0f0f0}
   * @return 0xRRGGBB
   * @throws IllegalArgumentException if it is none of these
   */
  public static int parse(String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    if (name.matches("#[0-9a-f]{6}")) {
      return Integer.parseInt(name.substring(1), 16);
    }
    return switch (name) {
      case "white" -> 0xffffff;
      case "black" -> 0;
      case "grey", "gray" -> 0x808080;
      default ->
          throw new IllegalArgumentException(
              "a background is white, black, grey or #rrggbb, such as #f0f0f0, but was '%s'"
                  .formatted(text));
    };
  }
}
