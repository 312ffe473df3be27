package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic. Integers beyond 64 bits are refused. */
final class Arithmetic {

  private Arithmetic() {}

  static Object of(Rendering run, String operator, Object a, Object b) {
    for (Object side : List.of(a, b)) {
      // '%' prints its right side.
      if (side instanceof Undefined undefined
          && !(operator.equals("%") && side == b && a instanceof String)) {
        throw undefined.used();
      }
      if (side instanceof Markup) {
        throw Failure.unsupported("'%s' with a value that is marked as safe".formatted(operator));
      }
    }
    if (Values.isNumber(a) && Values.isNumber(b)) {
      return a instanceof Double || b instanceof Double
          ? decimal(operator, Values.decimal(a, operator), Values.decimal(b, operator))
          : integer(operator, Values.integer(a, operator), Values.integer(b, operator));
    }
    return switch (operator) {
      case "+" -> add(run, a, b);
      case "*" -> repeat(run, a, b);
      case "%" ->
          a instanceof String format ? PercentFormat.of(run, format, b) : refuse(operator, a, b);
      default -> refuse(operator, a, b);
    };
  }

  static Object negate(Object value) {
    if (value instanceof Double number) {
      return -number;
    }
    return exact(() -> Math.negateExact(Values.integer(value, "unary -")));
  }

  static Object positive(Object value) {
    return value instanceof Double ? value : (Object) Values.integer(value, "unary +");
  }

  private static Object refuse(String operator, Object a, Object b) {
    throw Failure.of(
        "unsupported operand types for %s: '%s' and '%s'",
        operator, Values.typeName(a), Values.typeName(b));
  }

  private static Object add(Rendering run, Object a, Object b) {
    if (a instanceof String left && b instanceof String right) {
      run.limit().make(left.length() + right.length());
      return left + right;
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      run.limit().make(left.size() + right.size());
      List<Object> all = new ArrayList<>(left);
      all.addAll(right);
      return all;
    }
    if (a instanceof Tuple left && b instanceof Tuple right) {
      List<Object> all = new ArrayList<>(left.items());
      all.addAll(right.items());
      run.limit().make(all.size());
      return new Tuple(all);
    }
    return refuse("+", a, b);
  }

  private static Object repeat(Rendering run, Object a, Object b) {
    boolean countFirst = Values.isInteger(a);
    Object what = countFirst ? b : a;
    Object times = countFirst ? a : b;
    if (!Values.isInteger(times)) {
      return refuse("*", a, b);
    }
    long count = Math.max(0, Values.integer(times, "*"));
    if (what instanceof String text) {
      run.limit().make(length(count, text.length()));
      return text.repeat((int) count);
    }
    boolean tuple = what instanceof Tuple;
    if (!tuple && !(what instanceof List)) {
      return refuse("*", a, b);
    }
    List<Object> items = Values.list(what);
    run.limit().make(length(count, items.size()));
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < count && !items.isEmpty(); i++) {
      all.addAll(items);
    }
    return tuple ? new Tuple(all) : all;
  }

  private static long length(long count, int size) {
    return size == 0 ? 0 : count > WorkLimit.LONGEST ? Long.MAX_VALUE / 2 : count * size;
  }

  private static Object integer(String operator, long a, long b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw Failure.of("division by zero");
    }
    return switch (operator) {
      case "+" -> exact(() -> Math.addExact(a, b));
      case "-" -> exact(() -> Math.subtractExact(a, b));
      case "*" -> exact(() -> Math.multiplyExact(a, b));
      case "/" -> quotient(a, b);
      case "//" ->
          exact(() -> Math.addExact(Math.floorDiv(a, b), a == Long.MIN_VALUE && b == -1 ? -1 : 0));
      case "%" -> Math.floorMod(a, b);
      case "**" -> power(a, b);
      default -> throw Failure.unsupported("the operator " + operator);
    };
  }

  private static Object quotient(long a, long b) {
    if (Math.max(Math.abs(a), Math.abs(b)) > 1L << 53 || a == Long.MIN_VALUE) {
      throw Failure.unsupported("division of integers beyond 2^53");
    }
    return (double) a / b;
  }

  private static Object power(long a, long b) {
    if (b < 0) {
      if (a == 0) {
        throw Failure.of("0.0 cannot be raised to a negative power");
      }
      return Math.pow((double) a, (double) b);
    }
    long result = 1;
    for (long i = 0; i < b && a != 1; i++) {
      if (a == 0 || a == -1) {
        return a == 0 ? 0L : b % 2 == 0 ? 1L : -1L;
      }
      long factor = result;
      result = exact(() -> Math.multiplyExact(factor, a));
    }
    return result;
  }

  /** A step on integers that must stay within 64 bits. */
  private static long exact(java.util.function.LongSupplier step) {
    try {
      return step.getAsLong();
    } catch (ArithmeticException e) {
      throw Failure.unsupported("an integer beyond 64 bits");
    }
  }

  private static Object decimal(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw Failure.of("float division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> floorDiv(a, b);
      case "%" -> modulo(a, b);
      case "**" -> power(a, b);
      default -> throw Failure.unsupported("the operator " + operator);
    };
  }

  private static double modulo(double a, double b) {
    double rest = a % b;
    if (rest == 0) {
      return Math.copySign(0.0, b);
    }
    return rest < 0 == b < 0 ? rest : rest + b;
  }

  private static double floorDiv(double a, double b) {
    double rest = a % b;
    double quotient = (a - rest) / b;
    if (rest != 0 && b < 0 != rest < 0) {
      quotient -= 1;
    }
    if (quotient == 0) {
      return Math.copySign(0.0, a / b);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  private static double power(double a, double b) {
    if (a == 0 && b < 0) {
      throw Failure.of("0.0 cannot be raised to a negative power");
    }
    if (a < 0 && b != Math.rint(b) && !Double.isInfinite(b)) {
      throw Failure.unsupported("a complex number");
    }
    double result = a == 1 || b == 0 ? 1 : Math.pow(a, b);
    if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw Failure.of("(34, 'Numerical result out of range')");
    }
    return result;
  }
}
