package dev.squint.llm.jinja;

/** Reads the escapes of Python's string literals. */
final class StringEscapes {

  private StringEscapes() {}

  static String read(String literal) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char c = literal.charAt(at++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char kind = literal.charAt(at++);
      switch (kind) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append(kind);
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'v' -> out.append('\u000b');
        case 'x' -> at = code(literal, at, 2, out);
        case 'u' -> at = code(literal, at, 4, out);
        case 'U' -> at = code(literal, at, 8, out);
        case 'N' -> throw Failure.unsupported("the escape \\N");
        case '0', '1', '2', '3', '4', '5', '6', '7' -> at = octal(literal, at - 1, out);
        default -> out.append('\\').append(kind);
      }
    }
    return out.toString();
  }

  private static int code(String literal, int at, int digits, StringBuilder out) {
    String hex = literal.substring(at, Math.min(at + digits, literal.length()));
    if (!hex.matches("[0-9a-fA-F]{" + digits + "}")) {
      throw Failure.of("a string has a truncated escape: \\%s", literal.substring(at - 1));
    }
    long point = Long.parseLong(hex, 16);
    if (point > Character.MAX_CODE_POINT) {
      throw Failure.of("a string has an illegal character: \\U%s", hex);
    }
    out.appendCodePoint((int) point);
    return at + digits;
  }

  private static int octal(String literal, int start, StringBuilder out) {
    int at = start;
    int value = 0;
    while (at < Math.min(start + 3, literal.length())
        && literal.charAt(at) >= '0'
        && literal.charAt(at) <= '7') {
      value = value * 8 + literal.charAt(at++) - '0';
    }
    out.appendCodePoint(value);
    return at;
  }
}
