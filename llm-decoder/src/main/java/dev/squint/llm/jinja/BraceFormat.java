package dev.squint.llm.jinja;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code 'text {}'.format(values)}. */
final class BraceFormat {

  private static final Pattern SPECIFICATION =
      Pattern.compile(
          "(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,7})?([,_])?(?:\\.(\\d{1,7}))?([a-zA-Z%])?",
          Pattern.DOTALL);
  private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");

  private final Rendering run;
  private final Arguments given;
  private int next;
  private boolean counts;
  private boolean names;

  private BraceFormat(Rendering run, Arguments given) {
    this.run = run;
    this.given = given;
  }

  static Object of(Rendering run, String format, Arguments given) {
    return new BraceFormat(run, given).format(format, 2);
  }

  private String format(String format, int depth) {
    if (depth < 0) {
      throw Failure.of("Max string recursion exceeded");
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      boolean twice = at < format.length() && format.charAt(at) == c;
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (twice) {
        out.append(c);
        at++;
      } else if (c == '}') {
        throw Failure.of("Single '}' encountered in format string");
      } else {
        int end = end(format, at);
        out.append(field(format.substring(at, end), depth));
        at = end + 1;
      }
    }
    return out.toString();
  }

  private static int end(String format, int start) {
    int open = 1;
    for (int at = start; at < format.length(); at++) {
      open += format.charAt(at) == '{' ? 1 : format.charAt(at) == '}' ? -1 : 0;
      if (open == 0) {
        return at;
      }
    }
    throw Failure.of("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    int colon = outside(field, ':');
    String specification = colon < 0 ? "" : format(field.substring(colon + 1), depth - 1);
    String name = colon < 0 ? field : field.substring(0, colon);
    int bang = outside(name, '!');
    String conversion = bang < 0 ? "" : name.substring(bang + 1);
    Object value = value(bang < 0 ? name : name.substring(0, bang));
    value =
        switch (conversion) {
          case "" -> value;
          case "s" -> Printing.str(value);
          case "r" -> Printing.repr(value);
          default -> throw Failure.unsupported("the conversion !" + conversion);
        };
    String text = specification.isEmpty() ? Printing.str(value) : formatted(value, specification);
    run.limit().make(text.length());
    return text;
  }

  private static int outside(String field, char wanted) {
    int bracket = 0;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      bracket += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == wanted && bracket == 0) {
        return i;
      }
    }
    return -1;
  }

  private Object value(String field) {
    Matcher head = Pattern.compile("^[^.\\[]*").matcher(field);
    String first = head.find() ? head.group() : "";
    Object value = argument(first);
    Matcher step = STEP.matcher(field);
    int at = first.length();
    while (at < field.length()) {
      if (!step.find(at) || step.start() != at) {
        throw Failure.of("the format field {%s} cannot be read", field);
      }
      String key = step.group(2);
      value =
          key == null
              ? Members.attribute(value, step.group(1))
              : Members.item(value, key.matches("\\d{1,9}") ? (Object) Long.parseLong(key) : key);
      at = step.end();
    }
    return value;
  }

  private Object argument(String name) {
    boolean number = name.matches("\\d{1,9}");
    if (name.isEmpty() || number) {
      counts |= name.isEmpty();
      names |= number;
      if (counts && names) {
        throw Failure.of("cannot mix automatic field numbering and manual field specification");
      }
      int index = name.isEmpty() ? next++ : Integer.parseInt(name);
      if (index >= given.size()) {
        throw Failure.of("Replacement index %d out of range for positional args tuple", index);
      }
      return given.at(index);
    }
    Object value = given.named().get(name);
    if (value == null) {
      throw Failure.of("format has no argument '%s'", name);
    }
    return value;
  }

  private String formatted(Object value, String specification) {
    Matcher parts = SPECIFICATION.matcher(specification);
    boolean isBoolean = value instanceof Boolean;
    if (!parts.matches() || parts.group(4) != null || isBoolean) {
      throw Failure.unsupported(
          "the format ':%s' for a %s".formatted(specification, Values.typeName(value)));
    }
    boolean number = Values.isNumber(value);
    String align = or(parts.group(2), parts.group(5) != null && number ? "=" : number ? ">" : "<");
    String fill = or(parts.group(1), parts.group(5) == null ? " " : "0");
    String sign = "";
    String text;
    if (number) {
      double size = Values.decimal(value, "format");
      boolean negative = size < 0 || (value instanceof Double && size == 0 && 1 / size < 0);
      String plus = or(parts.group(3), "-");
      sign = negative ? "-" : plus.equals("-") ? "" : plus;
      text = digits(value, parts, specification);
    } else {
      text = text(value, parts, specification, align);
    }
    int width = Integer.parseInt(or(parts.group(6), "0"));
    run.limit().make(width);
    int missing = Math.max(0, width - Values.length(sign + text));
    return switch (align) {
      case "<" -> sign + text + fill.repeat(missing);
      case "^" -> fill.repeat(missing / 2) + sign + text + fill.repeat(missing - missing / 2);
      case "=" -> sign + fill.repeat(missing) + text;
      default -> fill.repeat(missing) + sign + text;
    };
  }

  private static String text(Object value, Matcher parts, String specification, String align) {
    boolean plain =
        value instanceof String
            && or(parts.group(9), "s").equals("s")
            && parts.group(3) == null
            && parts.group(7) == null
            && !align.equals("=");
    if (!plain) {
      throw Failure.of(
          "the format ':%s' is not one of a %s", specification, Values.typeName(value));
    }
    String text = (String) value;
    int most = Integer.parseInt(or(parts.group(8), "" + WorkLimit.LONGEST));
    return text.substring(0, text.offsetByCodePoints(0, Math.min(most, Values.length(text))));
  }

  private static String digits(Object value, Matcher parts, String specification) {
    char form = or(parts.group(9), value instanceof Double ? "?" : "d").charAt(0);
    boolean zeros = parts.group(5) != null && parts.group(7) != null;
    boolean integer = "dxXobc".indexOf(form) >= 0;
    boolean groups = parts.group(7) != null && "xXob".indexOf(form) >= 0;
    if (zeros
        || groups
        || "dxXobeEfFgG%".indexOf(form) < 0
        || (integer && value instanceof Double)) {
      throw Failure.unsupported(
          "the format ':%s' for a %s".formatted(specification, Values.typeName(value)));
    }
    String text;
    if (integer) {
      if (parts.group(8) != null) {
        throw Failure.of("Precision not allowed in integer format specifier");
      }
      text = whole(Values.integer(value, "format"), form);
    } else {
      int precision = Integer.parseInt(or(parts.group(8), "6"));
      double number = Values.decimal(value, "format");
      text =
          form == '%'
              ? NumberFormat.of(number * 100, 'f', precision, false) + "%"
              : NumberFormat.of(number, form, precision, false);
    }
    return parts.group(7) == null ? text : grouped(text, parts.group(7));
  }

  private static String whole(long number, char form) {
    int base = form == 'd' ? 10 : form == 'o' ? 8 : form == 'b' ? 2 : 16;
    String digits = Long.toString(number, base);
    String text = digits.startsWith("-") ? digits.substring(1) : digits;
    return form == 'X' ? text.toUpperCase(Locale.ROOT) : text;
  }

  private static String grouped(String text, String separator) {
    int point = text.matches("\\d+.*") ? text.replaceFirst("^(\\d+).*", "$1").length() : 0;
    StringBuilder out = new StringBuilder(text);
    for (int at = point - 3; at > 0; at -= 3) {
      out.insert(at, separator);
    }
    return out.toString();
  }

  private static String or(@Nullable String text, String otherwise) {
    return text == null ? otherwise : text;
  }
}
