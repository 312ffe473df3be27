package dev.squint.llm.jinja;

import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** The tests of Jinja2 by name, as in {@code value is defined}. */
final class Tests {

  private static final Map<String, Predicate<Object>> OF_ONE =
      Map.ofEntries(
          Map.entry("odd", value -> remainder(value, 2L) == 1),
          Map.entry("even", value -> remainder(value, 2L) == 0),
          Map.entry("defined", value -> !(value instanceof Undefined)),
          Map.entry("undefined", value -> value instanceof Undefined),
          Map.entry("filter", value -> Filters.exists(Values.text(value, "filter"))),
          Map.entry("test", value -> exists(Values.text(value, "test"))),
          Map.entry("none", value -> value == None.NONE),
          Map.entry("boolean", value -> value instanceof Boolean),
          Map.entry("false", value -> value.equals(false)),
          Map.entry("true", value -> value.equals(true)),
          Map.entry("integer", value -> value instanceof Long),
          Map.entry("float", value -> value instanceof Double),
          Map.entry("number", Values::isNumber),
          Map.entry("lower", value -> StringMethods.isLower(Printing.str(value))),
          Map.entry("upper", value -> StringMethods.isUpper(Printing.str(value))),
          Map.entry("string", Values::isText),
          Map.entry("mapping", value -> value instanceof Dict),
          Map.entry("sequence", Tests::isSequence),
          Map.entry("iterable", Values::isIterable),
          Map.entry("callable", value -> value instanceof Function || value instanceof Undefined),
          Map.entry("escaped", value -> value instanceof Markup));

  private static final Map<String, BiPredicate<Object, Object>> OF_TWO =
      Map.ofEntries(
          Map.entry("divisibleby", (value, by) -> remainder(value, by) == 0),
          Map.entry("sameas", Tests::isSame),
          Map.entry("in", (value, in) -> Values.isIn(value, in)),
          Map.entry("==", (a, b) -> Values.areEqual(a, b)),
          Map.entry("eq", (a, b) -> Values.areEqual(a, b)),
          Map.entry("equalto", (a, b) -> Values.areEqual(a, b)),
          Map.entry("!=", (a, b) -> !Values.areEqual(a, b)),
          Map.entry("ne", (a, b) -> !Values.areEqual(a, b)),
          Map.entry(">", (a, b) -> Operators.holds(">", a, b)),
          Map.entry("gt", (a, b) -> Operators.holds(">", a, b)),
          Map.entry("greaterthan", (a, b) -> Operators.holds(">", a, b)),
          Map.entry("ge", (a, b) -> Operators.holds(">=", a, b)),
          Map.entry(">=", (a, b) -> Operators.holds(">=", a, b)),
          Map.entry("<", (a, b) -> Operators.holds("<", a, b)),
          Map.entry("lt", (a, b) -> Operators.holds("<", a, b)),
          Map.entry("lessthan", (a, b) -> Operators.holds("<", a, b)),
          Map.entry("<=", (a, b) -> Operators.holds("<=", a, b)),
          Map.entry("le", (a, b) -> Operators.holds("<=", a, b)));

  private Tests() {}

  static boolean exists(String name) {
    return OF_ONE.containsKey(name) || OF_TWO.containsKey(name);
  }

  static boolean holds(String name, Object value, Arguments given) {
    Predicate<Object> one = OF_ONE.get(name);
    if (one != null) {
      given.only(name, 0, 0);
      return one.test(value);
    }
    BiPredicate<Object, Object> two = OF_TWO.get(name);
    if (two == null) {
      throw Failure.of("No test named '%s'.", name);
    }
    return two.test(value, given.only(name, 1, 1).at(0));
  }

  // Anything but 0 and 1 for what is neither.
  private static long remainder(Object value, Object by) {
    if (value instanceof String) {
      throw Failure.unsupported("a test of numbers on a string");
    }
    double a = Values.decimal(value, "test");
    double b = Values.decimal(by, "test");
    if (b == 0) {
      throw Failure.of("division by zero");
    }
    if (value instanceof Double || by instanceof Double) {
      double rest = a % b;
      return rest == 0 ? 0 : rest == 1 || rest + b == 1 ? 1 : 2;
    }
    return Math.floorMod(Values.integer(value, "test"), Values.integer(by, "test"));
  }

  private static boolean isSequence(Object value) {
    return Values.isText(value)
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Dict
        || value instanceof Range
        || value instanceof Undefined;
  }

  private static boolean isSame(Object a, Object b) {
    boolean single =
        a == None.NONE || b == None.NONE || a instanceof Boolean || b instanceof Boolean;
    if (!single && a != b) {
      throw Failure.unsupported("the test sameas of values other than none, true and false");
    }
    return a == b || (a instanceof Boolean && a.equals(b));
  }
}
