package dev.squint.llm.jinja;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code value.name} and {@code value[index]} as Jinja2's sandbox gives them. */
final class Members {

  private static final Set<String> NUMBER =
      Set.of(
          "as_integer_ratio",
          "bit_count",
          "bit_length",
          "conjugate",
          "denominator",
          "fromhex",
          "from_bytes",
          "hex",
          "imag",
          "is_integer",
          "numerator",
          "real",
          "to_bytes");
  private static final Set<String> LIST =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
  private static final Set<String> DICT =
      Set.of("clear", "fromkeys", "pop", "popitem", "setdefault", "update");

  private Members() {}

  /** {@code value.name}: what Python calls by this name, else the item. */
  static Object attribute(Object of, String name) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    Object member = member(of, name);
    if (member != null) {
      return member;
    }
    Object item = found(of, name);
    return item == null ? Undefined.member(of, name) : item;
  }

  /** {@code value[index]}: the item, else what Python calls by this name. */
  static Object item(Object of, Object index) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    Object item = found(of, index);
    if (item != null) {
      return item;
    }
    Object member = Values.isText(index) ? member(of, Values.text(index, "[]")) : null;
    return member == null ? Undefined.member(of, index) : member;
  }

  /** Whether Python finds the attribute without looking at items. */
  static @Nullable Object member(Object of, String name) {
    if (name.startsWith("__") && name.endsWith("__")) {
      throw Failure.unsupported("the attribute " + name);
    }
    if (Values.isText(of)) {
      return StringMethods.find(of, name);
    } else if (of instanceof Dict dict) {
      return dictMember(dict, name);
    } else if (of instanceof List<?> list) {
      return listMember(Values.objects(list), name, LIST);
    } else if (of instanceof Tuple tuple) {
      return name.equals("copy") ? null : listMember(tuple.items(), name, Set.of());
    } else if (of instanceof Namespace namespace) {
      Object value = namespace.get(name);
      return value instanceof Undefined ? null : value;
    } else if (of instanceof Loop loop) {
      return loop.member(name);
    } else if (of instanceof Globals.Cycler cycler) {
      return cycler.member(name);
    } else if (Values.isNumber(of)) {
      return refuse(NUMBER, "number", name);
    } else if (of == None.NONE) {
      return null;
    }
    throw Failure.unsupported("the attribute '%s' of a %s".formatted(name, Values.typeName(of)));
  }

  private static @Nullable Object refuse(Set<String> known, String type, String name) {
    if (known.contains(name)) {
      throw Failure.unsupported("the attribute '%s' of a %s".formatted(name, type));
    }
    return null;
  }

  private static @Nullable Object dictMember(Dict dict, String name) {
    return switch (name) {
      case "get" ->
          (Function)
              (run, given) -> {
                given.only("get", 1, 2);
                Object value = dict.get(given.at(0));
                return value != null ? value : given.size() == 2 ? given.at(1) : None.NONE;
              };
      case "items" -> view(name, dict.items());
      case "keys" -> view(name, dict.keys());
      case "values" -> view(name, dict.values());
      case "copy" ->
          (Function)
              (run, given) -> {
                given.only("copy", 0, 0);
                return dict;
              };
      default -> refuse(DICT, "dict", name);
    };
  }

  private static Function view(String kind, List<Object> items) {
    return (run, given) -> {
      given.only(kind, 0, 0);
      return new DictView(kind, items);
    };
  }

  private static @Nullable Object listMember(List<Object> items, String name, Set<String> refused) {
    return switch (name) {
      case "count" ->
          (Function)
              (run, given) -> {
                Object wanted = given.only("count", 1, 1).at(0);
                return items.stream().filter(item -> Values.areEqual(item, wanted)).count();
              };
      case "index" ->
          (Function)
              (run, given) -> {
                Object wanted = given.only("index", 1, 1).at(0);
                for (int i = 0; i < items.size(); i++) {
                  if (Values.areEqual(items.get(i), wanted)) {
                    return (long) i;
                  }
                }
                throw Failure.of("%s is not in list", Printing.repr(wanted));
              };
      case "copy" ->
          (Function)
              (run, given) -> {
                given.only("copy", 0, 0);
                return items;
              };
      default -> refuse(refused, "list", name);
    };
  }

  // Null where Python raises TypeError or LookupError.
  private static @Nullable Object found(Object of, Object index) {
    if (of instanceof Dict dict) {
      return Dict.hashable(index) ? dict.get(index) : null;
    } else if (!Values.isInteger(index)) {
      return null;
    }
    long place = Values.integer(index, "[]");
    if (Values.isText(of)) {
      String text = plain(of);
      int length = text.codePointCount(0, text.length());
      long at = place < 0 ? place + length : place;
      return at < 0 || at >= length
          ? null
          : Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)));
    }
    List<Object> items = sequence(of);
    if (items == null) {
      return null;
    }
    long at = place < 0 ? place + items.size() : place;
    return at < 0 || at >= items.size() ? null : items.get((int) at);
  }

  private static String plain(Object text) {
    if (text instanceof Markup) {
      throw Failure.unsupported("taking parts of a value that is marked as safe");
    }
    return Values.text(text, "[]");
  }

  private static @Nullable List<Object> sequence(Object of) {
    if (of instanceof List<?> list) {
      return Values.objects(list);
    } else if (of instanceof Tuple tuple) {
      return tuple.items();
    }
    return of instanceof Range range ? range.items() : null;
  }

  /** {@code value[from:to:by]}. Unlike other items, what cannot be cut is an error. */
  static Object slice(Object of, Slice slice) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (!slice.isValid()) {
      throw Failure.unsupported("a slice with other ends than integers");
    }
    if (Values.isText(of)) {
      int[] points = plain(of).codePoints().toArray();
      StringBuilder out = new StringBuilder();
      slice.indices(points.length).forEach(i -> out.appendCodePoint(points[i]));
      return out.toString();
    }
    if (of instanceof Range range) {
      return range.slice(slice);
    }
    List<Object> items = sequence(of);
    if (items == null) {
      throw Failure.unsupported("a slice of a " + Values.typeName(of));
    }
    List<Object> part = slice.of(items.size(), items::get);
    return of instanceof Tuple ? new Tuple(part) : part;
  }

  /** The value at a path such as {@code "a.b.0"}, as filters take it. */
  static Object path(Object of, Object path, @Nullable Object otherwise) {
    Object value = of;
    Object[] parts =
        Values.isText(path) ? Values.text(path, "attribute").split("\\.", -1) : new Object[] {path};
    for (Object part : parts) {
      Object index = part;
      if (part instanceof String name
          && !name.isEmpty()
          && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        index = Long.parseLong(name);
      }
      value = item(value, index);
      if (otherwise != null && otherwise != None.NONE && value instanceof Undefined) {
        value = otherwise;
      }
    }
    return Objects.requireNonNull(value);
  }
}
