package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks} as transformers
 * sets them.
 */
final class Lexer {

  private static final Pattern TAG = Pattern.compile("\\{[{%#]");
  private static final Pattern RAW =
      Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%\\}\\s*|%\\})", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern END_RAW =
      Pattern.compile(
          "\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)",
          Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?<!\\.)(\\d+_)*\\d+((\\.(\\d+_)*\\d+)?e[+-]?(\\d+_)*\\d+|\\.(\\d+_)*\\d+)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern INTEGER =
      Pattern.compile(
          "0b(_?[01])+|0o(_?[0-7])+|0x(_?[\\da-f])+|[1-9](_?\\d)*|0(_?0)*",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern OPERATOR =
      Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<String> open = new ArrayDeque<>();
  private int at;
  private int line = 1;
  private int counted;
  private boolean lineStarts = true;

  private Lexer(String source) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    this.source = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  static List<Token> read(String source) {
    Lexer lexer = new Lexer(source);
    while (lexer.at < lexer.source.length()) {
      lexer.text();
    }
    lexer.add(Kind.END, "");
    return lexer.tokens;
  }

  private void text() {
    Matcher tag = TAG.matcher(source);
    if (!tag.find(at)) {
      data(source.substring(at));
      at = source.length();
      return;
    }
    int begin = tag.start();
    char kind = source.charAt(begin + 1);
    Matcher raw = RAW.matcher(source).region(begin, source.length());
    boolean isRaw = kind == '%' && raw.lookingAt();
    char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
    data(before(source.substring(at, begin), sign, kind != '{'));
    if (isRaw) {
      at = raw.end();
      raw();
      return;
    }
    at = begin + (sign == '-' || sign == '+' ? 3 : 2);
    lineStarts = false;
    switch (kind) {
      case '#' -> comment();
      case '%' -> tag(Kind.BLOCK_BEGIN, Kind.BLOCK_END);
      default -> tag(Kind.PRINT_BEGIN, Kind.PRINT_END);
    }
  }

  // The text before a tag, after the tag's sign and the indentation of blocks are taken off.
  private String before(String text, char sign, boolean block) {
    if (sign == '-') {
      return Characters.rstrip(text);
    }
    int last = text.lastIndexOf('\n') + 1;
    boolean indentation =
        block
            && sign != '+'
            && (last > 0 || lineStarts)
            && Characters.lstrip(text.substring(last)).isEmpty();
    return indentation ? text.substring(0, last) : text;
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
  }

  private void raw() {
    lineStarts = source.charAt(at - 1) == '\n';
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw failure("Missing end of raw directive");
    }
    String sign = end.group(1);
    data(before(source.substring(at, end.start()), sign.isEmpty() ? ' ' : sign.charAt(0), true));
    at = end.end();
    lineStarts = source.charAt(at - 1) == '\n';
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw failure("Missing end of comment tag");
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    at = end + 2;
    afterTag(sign);
  }

  // A sign before the end of a block: '-' takes all white space, none takes a line feed, '+' none.
  private void afterTag(char sign) {
    if (sign == '-') {
      skipSpace(true);
    } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
    lineStarts = source.charAt(at - 1) == '\n';
  }

  private void skipSpace(boolean all) {
    while (all && at < source.length() && Characters.isSpace(source.codePointAt(at))) {
      at += Character.charCount(source.codePointAt(at));
    }
  }

  private void tag(Kind begin, Kind end) {
    add(begin, "");
    while (at < source.length()) {
      if (open.isEmpty() && ends(end)) {
        return;
      }
      if (Characters.isSpace(source.codePointAt(at))) {
        skipSpace(true);
      } else {
        token();
      }
    }
    // The parser reports the missing end.
  }

  private boolean ends(Kind end) {
    String close = end == Kind.BLOCK_END ? "%}" : "}}";
    boolean plus = end == Kind.BLOCK_END && source.startsWith("+" + close, at);
    boolean minus = source.startsWith("-" + close, at);
    if (!plus && !minus && !source.startsWith(close, at)) {
      return false;
    }
    add(end, "");
    at += plus || minus ? 3 : 2;
    afterTag(minus ? '-' : plus || end == Kind.PRINT_END ? '+' : ' ');
    return true;
  }

  private void token() {
    Matcher matcher = FLOAT.matcher(source).useTransparentBounds(true);
    if (matcher.region(at, source.length()).lookingAt()) {
      String text = matcher.group();
      take(Kind.FLOAT, text, Double.parseDouble(text.replace("_", "")));
      return;
    }
    matcher.usePattern(INTEGER);
    if (matcher.region(at, source.length()).lookingAt()) {
      String text = matcher.group();
      take(Kind.INTEGER, text, integer(text.replace("_", "")));
      return;
    }
    int point = source.codePointAt(at);
    if (point == '_' || Character.isUnicodeIdentifierStart(point)) {
      int end = at;
      while (end < source.length() && Character.isUnicodeIdentifierPart(source.codePointAt(end))) {
        end += Character.charCount(source.codePointAt(end));
      }
      String name = source.substring(at, end);
      take(Kind.NAME, name, name);
      return;
    }
    if (point == '\'' || point == '"') {
      string((char) point);
      return;
    }
    matcher.usePattern(OPERATOR);
    if (!matcher.region(at, source.length()).lookingAt()) {
      throw failure("unexpected char '%s'".formatted(Character.toString(point)));
    }
    balance(matcher.group());
    take(Kind.OPERATOR, matcher.group(), matcher.group());
  }

  private long integer(String text) {
    try {
      return text.length() > 1 && text.charAt(0) == '0' && Character.isLetter(text.charAt(1))
          ? Long.parseLong(text.substring(2), base(text.charAt(1)))
          : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw Failure.unsupported("the integer " + text);
    }
  }

  private static int base(char letter) {
    return switch (Character.toLowerCase(letter)) {
      case 'b' -> 2;
      case 'o' -> 8;
      default -> 16;
    };
  }

  private void balance(String operator) {
    switch (operator) {
      case "{" -> open.push("}");
      case "(" -> open.push(")");
      case "[" -> open.push("]");
      case "}", ")", "]" -> {
        String expected = open.isEmpty() ? "nothing" : open.pop();
        if (!expected.equals(operator)) {
          throw failure("unexpected '%s', expected %s".formatted(operator, expected));
        }
      }
      default -> {}
    }
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw failure("a string that begins here does not end");
    }
    String text = source.substring(at + 1, end);
    add(Kind.STRING, StringEscapes.read(text));
    at = end + 1;
  }

  private void take(Kind kind, String text, Object value) {
    tokens.add(new Token(kind, text, value, line()));
    at += text.length();
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, text, line()));
  }

  private int line() {
    for (; counted < Math.min(at, source.length()); counted++) {
      if (source.charAt(counted) == '\n') {
        line++;
      }
    }
    return line;
  }

  private IllegalArgumentException failure(String what) {
    return Failure.of("line %d: %s", line(), what.replace("%", "%%"));
  }
}
