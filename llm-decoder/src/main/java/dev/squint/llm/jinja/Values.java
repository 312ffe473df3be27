package dev.squint.llm.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Python's types, truth, equality, order and iteration for the values of this package. */
final class Values {

  private Values() {}

  /** Strings, numbers, booleans, lists and maps of Java as Python's. */
  static Object of(@Nullable Object java) {
    if (java == null) {
      return None.NONE;
    }
    if (java instanceof Map<?, ?> map) {
      Dict dict = new Dict();
      map.forEach((key, value) -> dict.put(of(key), of(value)));
      return dict;
    }
    if (java instanceof Iterable<?> list) {
      List<Object> items = new ArrayList<>();
      list.forEach(item -> items.add(of(item)));
      return items;
    }
    if (java instanceof Integer || java instanceof Short || java instanceof Byte) {
      return ((Number) java).longValue();
    }
    if (java instanceof Float) {
      return ((Number) java).doubleValue();
    }
    if (java instanceof String
        || java instanceof Boolean
        || java instanceof Long
        || java instanceof Double) {
      return java;
    }
    throw new IllegalArgumentException("no value of a template: " + java.getClass());
  }

  static String typeName(Object value) {
    if (value instanceof String || value instanceof Markup) {
      return "str";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof List) {
      return "list";
    } else if (value instanceof DictView view) {
      return "dict_" + view.kind();
    } else if (value == None.NONE) {
      return "NoneType";
    } else if (value instanceof Function) {
      return "function";
    }
    String name = value.getClass().getSimpleName();
    return value instanceof Undefined || value instanceof Namespace
        ? name
        : name.toLowerCase(java.util.Locale.ROOT);
  }

  static boolean isTrue(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    } else if (value instanceof Long number) {
      return number != 0;
    } else if (value instanceof Double number) {
      return number != 0;
    } else if (value == None.NONE || value instanceof Undefined) {
      return false;
    }
    int length = length(value);
    return length != 0;
  }

  /** The number of items, or -1 for values without a length. */
  static int length(Object value) {
    if (isText(value)) {
      String text = text(value, "len");
      return text.codePointCount(0, text.length());
    } else if (value instanceof List<?> list) {
      return list.size();
    } else if (value instanceof Tuple tuple) {
      return tuple.items().size();
    } else if (value instanceof Dict dict) {
      return dict.size();
    } else if (value instanceof DictView view) {
      return view.items().size();
    } else if (value instanceof Range range) {
      return range.size();
    } else if (value instanceof Loop loop) {
      return loop.length();
    }
    return value instanceof Undefined ? 0 : -1;
  }

  static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  /** A string's characters; anything else is refused. */
  static String text(Object value, String where) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Markup markup) {
      return markup.text();
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    throw Failure.of("%s needs a string, not '%s'", where, typeName(value));
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static boolean isNumber(Object value) {
    return isInteger(value) || value instanceof Double;
  }

  static long integer(Object value, String where) {
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    throw Failure.of("%s needs an integer, not '%s'", where, typeName(value));
  }

  static int smallInteger(Object value, String where) {
    long number = integer(value, where);
    if (Math.abs(number) > WorkLimit.LONGEST) {
      throw Failure.of("%s is too large: %d", where, number);
    }
    return (int) number;
  }

  static double decimal(Object value, String where) {
    return value instanceof Double number ? number : integer(value, where);
  }

  static boolean isIterable(Object value) {
    return length(value) >= 0 || value instanceof Generator;
  }

  /** The items as Python's {@code for} meets them. */
  static Iterator<Object> iterate(Object value) {
    if (isText(value)) {
      return characters(text(value, "iteration")).iterator();
    } else if (value instanceof List<?> list) {
      return objects(list).iterator();
    } else if (value instanceof Tuple tuple) {
      return tuple.items().iterator();
    } else if (value instanceof Dict dict) {
      return dict.keys().iterator();
    } else if (value instanceof DictView view) {
      return view.items().iterator();
    } else if (value instanceof Range range) {
      return range.items().iterator();
    } else if (value instanceof Generator generator) {
      return generator.items();
    } else if (value instanceof Undefined) {
      return List.of().iterator();
    }
    throw Failure.of("'%s' object is not iterable", typeName(value));
  }

  static List<Object> list(Object value) {
    List<Object> items = new ArrayList<>();
    iterate(value).forEachRemaining(items::add);
    return items;
  }

  @SuppressWarnings("unchecked")
  static List<Object> objects(List<?> list) {
    return (List<Object>) list;
  }

  static List<Object> characters(String text) {
    List<Object> characters = new ArrayList<>();
    text.codePoints().forEach(point -> characters.add(Character.toString(point)));
    return characters;
  }

  static boolean areEqual(Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b) == 0;
    } else if (isText(a) && isText(b)) {
      return text(a, "==").equals(text(b, "=="));
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return equalItems(objects(left), objects(right));
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return equalItems(left.items(), right.items());
    } else if (a instanceof Range left && b instanceof Range right) {
      return equalItems(left.items(), right.items());
    } else if (a instanceof Dict left && b instanceof Dict right) {
      return left.size() == right.size()
          && left.keys().stream()
              .allMatch(
                  key ->
                      right.has(key)
                          && areEqual(
                              Objects.requireNonNull(left.get(key)),
                              Objects.requireNonNull(right.get(key))));
    } else if (a instanceof DictView || b instanceof DictView) {
      throw Failure.unsupported("comparing views of a dict");
    }
    return a == b || (a instanceof Undefined && b instanceof Undefined);
  }

  private static boolean equalItems(List<Object> a, List<Object> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      // Python compares identity first, which only matters for NaN.
      if (a.get(i) != b.get(i) && !areEqual(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  // -2 if one of them is no number.
  static int compareNumbers(Object a, Object b) {
    if (!(a instanceof Double) && !(b instanceof Double)) {
      return Long.compare(integer(a, "<"), integer(b, "<"));
    }
    double left = decimal(a, "<");
    double right = decimal(b, "<");
    if (Double.isNaN(left) || Double.isNaN(right)) {
      return -2;
    }
    if (Double.isInfinite(left) || Double.isInfinite(right)) {
      return Double.compare(left, right);
    }
    return exact(a).compareTo(exact(b));
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double decimal
        ? new BigDecimal(decimal)
        : BigDecimal.valueOf(integer(number, "<"));
  }

  /** Whether a is less than b, as {@code <} says. */
  static boolean isLess(Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b) == -1;
    } else if (isText(a) && isText(b)) {
      return compareText(text(a, "<"), text(b, "<")) < 0;
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return lessItems(objects(left), objects(right));
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return lessItems(left.items(), right.items());
    }
    for (Object side : List.of(a, b)) {
      if (side instanceof Undefined undefined) {
        throw undefined.used();
      }
    }
    throw Failure.of(
        "'<' not supported between instances of '%s' and '%s'", typeName(a), typeName(b));
  }

  private static boolean lessItems(List<Object> a, List<Object> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!areEqual(a.get(i), b.get(i))) {
        return isLess(a.get(i), b.get(i));
      }
    }
    return a.size() < b.size();
  }

  // By code points; Java's own order is by UTF-16 units.
  private static int compareText(String a, String b) {
    Iterator<Integer> right = b.codePoints().iterator();
    for (Iterator<Integer> left = a.codePoints().iterator(); left.hasNext(); ) {
      if (!right.hasNext()) {
        return 1;
      }
      int order = Integer.compare(left.next(), right.next());
      if (order != 0) {
        return order;
      }
    }
    return right.hasNext() ? -1 : 0;
  }

  /** Whether {@code item in container}. */
  static boolean isIn(Object item, Object container) {
    if (isText(container)) {
      if (!isText(item)) {
        throw Failure.of("'in <string>' requires string as left operand, not %s", typeName(item));
      }
      return text(container, "in").contains(text(item, "in"));
    }
    if (container instanceof Dict dict) {
      return dict.has(item);
    }
    for (Iterator<Object> items = iterate(container); items.hasNext(); ) {
      Object one = items.next();
      if (one == item || areEqual(one, item)) {
        return true;
      }
    }
    return false;
  }
}
