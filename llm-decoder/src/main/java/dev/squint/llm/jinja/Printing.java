package dev.squint.llm.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.BiConsumer;

/** How Python prints values: {@code str()} and {@code repr()}. */
final class Printing {

  private Printing() {}

  /** {@code str(value)}. */
  static String str(Object value) {
    if (value instanceof String text) {
      return text;
    } else if (value instanceof Markup markup) {
      return markup.text();
    }
    return value instanceof Undefined ? "" : repr(value);
  }

  /** {@code repr(value)}. */
  static String repr(Object value) {
    StringBuilder out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  private static void repr(Object value, StringBuilder out) {
    if (value instanceof String text) {
      quote(text, out);
    } else if (value instanceof Markup markup) {
      out.append("Markup(");
      quote(markup.text(), out);
      out.append(')');
    } else if (value == None.NONE) {
      out.append("None");
    } else if (value instanceof Boolean truth) {
      out.append(truth ? "True" : "False");
    } else if (value instanceof Long || value instanceof Range) {
      out.append(value);
    } else if (value instanceof Double number) {
      out.append(number(number));
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else {
      container(value, out);
    }
    if (out.length() > WorkLimit.LONGEST) {
      throw Failure.of("a value is longer than a prompt when it is printed");
    }
  }

  private static void container(Object value, StringBuilder out) {
    if (value instanceof List<?> list) {
      items(Values.objects(list), out.append('['), Printing::repr).append(']');
    } else if (value instanceof Tuple tuple) {
      items(tuple.items(), out.append('('), Printing::repr)
          .append(tuple.items().size() == 1 ? ",)" : ")");
    } else if (value instanceof Dict dict) {
      items(
              dict.items(),
              out.append('{'),
              (item, to) -> {
                Tuple entry = (Tuple) item;
                repr(entry.items().get(0), to);
                repr(entry.items().get(1), to.append(": "));
              })
          .append('}');
    } else if (value instanceof DictView view) {
      items(view.items(), out.append("dict_").append(view.kind()).append("(["), Printing::repr)
          .append("])");
    } else {
      throw Failure.unsupported("printing a " + Values.typeName(value));
    }
  }

  private static StringBuilder items(
      List<Object> items, StringBuilder out, BiConsumer<Object, StringBuilder> each) {
    for (int i = 0; i < items.size(); i++) {
      each.accept(items.get(i), i == 0 ? out : out.append(", "));
    }
    return out;
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            point -> {
              if (point == quote || point == '\\') {
                out.append('\\').append((char) point);
              } else if (point == '\n') {
                out.append("\\n");
              } else if (point == '\r') {
                out.append("\\r");
              } else if (point == '\t') {
                out.append("\\t");
              } else if (Characters.isPrintable(point)) {
                out.appendCodePoint(point);
              } else {
                out.append(escape(point));
              }
            });
    out.append(quote);
  }

  private static String escape(int point) {
    if (point < 0x100) {
      return "\\x%02x".formatted(point);
    }
    return point < 0x10000 ? "\\u%04x".formatted(point) : "\\U%08x".formatted(point);
  }

  /** {@code repr()} of a float: the shortest decimal that reads back as the same number. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    } else if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(value);
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    String sign = value < 0 ? "-" : "";
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.abs().toPlainString();
      return sign + (plain.contains(".") ? plain : plain + ".0");
    }
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return "%s%c%se%s%02d"
        .formatted(sign, digits.charAt(0), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < 17; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }
}
