package dev.squint.llm.jinja;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code 'text' % values}. */
final class PercentFormat {

  private static final Pattern FIELD =
      Pattern.compile(
          "%(?:\\(([^)]*)\\))?([-+ #0]*)(\\*|\\d+)?(?:\\.(\\*|\\d*))?[hlL]?(.)?", Pattern.DOTALL);

  private final Rendering run;
  private final Object given;
  private int used;

  private PercentFormat(Rendering run, Object given) {
    this.run = run;
    this.given = given;
  }

  static String of(Rendering run, String format, Object given) {
    PercentFormat formatter = new PercentFormat(run, given);
    StringBuilder out = new StringBuilder();
    Matcher field = FIELD.matcher(format);
    int at = 0;
    while (field.find(at)) {
      out.append(format, at, field.start()).append(formatter.field(field));
      at = field.end();
    }
    formatter.requireAllUsed();
    return out.append(format.substring(at)).toString();
  }

  private void requireAllUsed() {
    boolean mapping =
        given instanceof Dict
            || given instanceof List
            || given instanceof Undefined
            || given instanceof Range;
    int there = given instanceof Tuple tuple ? tuple.items().size() : mapping ? 0 : 1;
    if (used < there) {
      throw Failure.of("not all arguments converted during string formatting");
    }
  }

  private Object next() {
    if (given instanceof Tuple tuple) {
      if (used < tuple.items().size()) {
        return tuple.items().get(used++);
      }
    } else if (used++ == 0) {
      return given;
    }
    throw Failure.of("not enough arguments for format string");
  }

  private Object value(@Nullable String key) {
    if (key == null) {
      return next();
    }
    if (!(given instanceof Dict dict)) {
      throw Failure.of("format requires a mapping");
    }
    Object value = dict.get(key);
    if (value == null) {
      throw Failure.of("the mapping has no key '%s'", key);
    }
    return value;
  }

  private String field(Matcher field) {
    String kind = field.group(5);
    if (kind == null) {
      throw Failure.of("incomplete format");
    }
    String flags = field.group(2);
    int asked = number(field.group(3), 0);
    boolean left = flags.contains("-") || asked < 0;
    int width = Math.abs(asked);
    int precision = number(field.group(4), 0);
    boolean precise = field.group(4) != null;
    if (kind.equals("%")) {
      return "%";
    }
    Object value = value(field.group(1));
    char form = kind.charAt(0);
    String sign = "";
    String text;
    switch (form) {
      case 's', 'r' -> {
        text = form == 's' ? Printing.str(value) : Printing.repr(value);
        text =
            precise
                ? text.substring(
                    0, text.offsetByCodePoints(0, Math.min(precision, Values.length(text))))
                : text;
      }
      case 'c' -> text = character(value);
      case 'd', 'i', 'u', 'x', 'X', 'o' -> {
        long number = integer(value, form);
        sign = sign(number < 0, flags);
        text = digits(number, form, flags);
        text = "0".repeat(Math.max(0, precision - text.length())) + text;
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        double number = Values.decimal(value, "%" + form);
        sign = sign(number < 0 || (number == 0 && 1 / number < 0), flags);
        text = NumberFormat.of(number, form, precise ? precision : 6, flags.contains("#"));
      }
      default -> throw Failure.unsupported("%%%c in a format".formatted(form));
    }
    run.limit().make(Math.max(text.length(), width));
    int missing = Math.max(0, width - Values.length(sign + text));
    boolean number = "diuxXoeEfFgG".indexOf(form) >= 0;
    if (left) {
      return sign + text + " ".repeat(missing);
    }
    return flags.contains("0") && number
        ? sign + "0".repeat(missing) + text
        : " ".repeat(missing) + sign + text;
  }

  private int number(@Nullable String text, int none) {
    if (text == null) {
      return none;
    }
    if (text.equals("*")) {
      return Values.smallInteger(next(), "*");
    }
    if (text.length() > 7) {
      throw Failure.of("width too big");
    }
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  private static String sign(boolean negative, String flags) {
    return negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
  }

  private static long integer(Object value, char form) {
    if (value instanceof Double number && "diu".indexOf(form) >= 0) {
      if (Double.isNaN(number) || Math.abs(number) >= 9e18) {
        throw Failure.unsupported("%%%c of the number %s".formatted(form, number));
      }
      return (long) (double) number;
    }
    return Values.integer(value, "%" + form + " format");
  }

  private static String digits(long number, char form, String flags) {
    String text =
        switch (form) {
          case 'x' -> Long.toString(number, 16);
          case 'X' -> Long.toString(number, 16).toUpperCase(Locale.ROOT);
          case 'o' -> Long.toString(number, 8);
          default -> Long.toString(number);
        };
    String digits = text.startsWith("-") ? text.substring(1) : text;
    if (flags.contains("#") && "xXo".indexOf(form) >= 0) {
      throw Failure.unsupported("the flag # in a format");
    }
    return digits;
  }

  private static String character(Object value) {
    if (Values.isInteger(value)) {
      long point = Values.integer(value, "%c");
      if (point < 0 || point > Character.MAX_CODE_POINT) {
        throw Failure.of("%%c arg not in range(0x110000)");
      }
      return Character.toString((int) point);
    }
    String text = Values.text(value, "%c");
    if (Values.length(text) != 1) {
      throw Failure.of("%%c requires int or char");
    }
    return text;
  }
}
