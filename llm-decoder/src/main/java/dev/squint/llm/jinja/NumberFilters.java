package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Filters.Filter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Filters that make numbers. */
final class NumberFilters {

  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d+(_\\d+)*");
  private static final Pattern FLOAT =
      Pattern.compile("[+-]?(\\d[\\d_]*\\.?[\\d_]*|\\.\\d[\\d_]*)([eE][+-]?\\d+)?");

  static final Map<String, Filter> ALL =
      Map.of(
          "int", NumberFilters::integer,
          "float", NumberFilters::decimal,
          "round", NumberFilters::round,
          "abs", TextFilters.plain("abs", (run, value, given) -> absolute(value)));

  private NumberFilters() {}

  private static Object integer(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("int", "default", "base");
    if (given.integer(1, 10) != 10) {
      throw Failure.unsupported("the filter int with a base");
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (Values.isInteger(value)) {
      return Values.integer(value, "int");
    }
    Object otherwise = given.or(0, 0L);
    if (Values.isText(value)) {
      OptionalLong whole = whole(Values.text(value, "int"));
      if (whole.isPresent()) {
        return whole.getAsLong();
      }
    }
    OptionalDouble number = number(value);
    if (number.isEmpty() || Double.isNaN(number.getAsDouble())) {
      return otherwise;
    }
    if (Double.isInfinite(number.getAsDouble())) {
      if (value instanceof Double) {
        throw Failure.of("cannot convert float infinity to integer");
      }
      return otherwise;
    }
    if (Math.abs(number.getAsDouble()) >= 9e18) {
      throw Failure.unsupported("an integer beyond 64 bits");
    }
    return (long) number.getAsDouble();
  }

  private static OptionalLong whole(String text) {
    String digits = Characters.strip(text);
    if (!INTEGER.matcher(digits).matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(digits.replace("_", "")));
    } catch (NumberFormatException e) {
      throw Failure.unsupported("an integer beyond 64 bits");
    }
  }

  private static OptionalDouble number(Object value) {
    if (Values.isNumber(value)) {
      return OptionalDouble.of(Values.decimal(value, "float"));
    }
    if (!Values.isText(value)) {
      return OptionalDouble.empty();
    }
    String text = Characters.strip(Values.text(value, "float"));
    String word = StringMethods.lower(text).replaceFirst("^[+-]", "");
    double sign = text.startsWith("-") ? -1 : 1;
    if (word.equals("inf") || word.equals("infinity")) {
      return OptionalDouble.of(sign * Double.POSITIVE_INFINITY);
    }
    if (word.equals("nan")) {
      return OptionalDouble.of(Double.NaN);
    }
    boolean underscores = text.matches(".*(__|_\\D|\\D_|_$).*");
    return FLOAT.matcher(text).matches() && !underscores
        ? OptionalDouble.of(Double.parseDouble(text.replace("_", "")))
        : OptionalDouble.empty();
  }

  private static Object decimal(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("float", "default");
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    OptionalDouble number = number(value);
    return number.isPresent() ? (Object) number.getAsDouble() : given.or(0, 0.0);
  }

  private static Object absolute(Object value) {
    if (value instanceof Double number) {
      return Math.abs(number);
    }
    long number = Values.integer(value, "abs");
    return number < 0 ? Arithmetic.negate(number) : number;
  }

  private static Object round(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("round", "precision", "method");
    int precision = given.integer(0, 0);
    String method = given.text(1, "common");
    if (Math.abs(precision) > 300) {
      throw Failure.unsupported("round to %d digits".formatted(precision));
    }
    return switch (method) {
      case "common" -> common(value, precision);
      case "ceil", "floor" -> towards(run, value, precision, method.equals("ceil"));
      default -> throw Failure.of("method must be common, ceil or floor");
    };
  }

  private static Object common(Object value, int precision) {
    if (value instanceof Double number) {
      return Double.isNaN(number) || Double.isInfinite(number)
          ? number
          : (Object)
              keepSign(
                  number,
                  new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).doubleValue());
    }
    long number = Values.integer(value, "round");
    return precision >= 0
        ? number
        : BigDecimal.valueOf(number).setScale(precision, RoundingMode.HALF_EVEN).longValueExact();
  }

  private static double keepSign(double number, double rounded) {
    return rounded == 0 ? Math.copySign(0.0, number) : rounded;
  }

  private static Object towards(Rendering run, Object value, int precision, boolean up) {
    Object scale = Arithmetic.of(run, "**", 10L, (long) precision);
    Object scaled = Arithmetic.of(run, "*", value, scale);
    if (scaled instanceof Double number) {
      double whole = up ? Math.ceil(number) : Math.floor(number);
      if (!(Math.abs(whole) < 9e15)) {
        throw Failure.unsupported("round of %s".formatted(number));
      }
      scaled = (long) whole;
    }
    return Arithmetic.of(run, "/", scaled, scale);
  }
}
