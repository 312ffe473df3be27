package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The filter {@code tojson} as transformers defines it: Python's {@code json.dumps} without
 * escaping of HTML.
 */
final class Json {

  private final boolean ascii;
  private final @Nullable String indent;
  private final String between;
  private final String afterKey;
  private final boolean sorted;
  private final StringBuilder out = new StringBuilder();

  private Json(
      boolean ascii, @Nullable String indent, String between, String afterKey, boolean sorted) {
    this.ascii = ascii;
    this.indent = indent;
    this.between = between;
    this.afterKey = afterKey;
    this.sorted = sorted;
  }

  static String of(Object value, Arguments arguments) {
    Arguments.Bound given =
        arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
    String indent = null;
    if (given.isSet(1)) {
      Object width = given.required(1);
      indent =
          Values.isText(width)
              ? Values.text(width, "indent")
              : " ".repeat(Math.max(0, Values.smallInteger(width, "indent")));
    }
    String between = indent == null ? ", " : ",";
    String afterKey = ": ";
    if (given.isSet(2)) {
      List<Object> pair = Values.list(given.required(2));
      if (pair.size() != 2) {
        throw Failure.of("tojson takes two separators, not %d", pair.size());
      }
      between = Values.text(pair.get(0), "separators");
      afterKey = Values.text(pair.get(1), "separators");
    }
    Json json = new Json(given.isTrue(0), indent, between, afterKey, given.isTrue(3));
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(Object value, int depth) {
    if (Values.isText(value)) {
      string(Values.text(value, "tojson"));
    } else if (value == None.NONE) {
      out.append("null");
    } else if (value instanceof Boolean || value instanceof Long) {
      out.append(value);
    } else if (value instanceof Double number) {
      out.append(number(number));
    } else if (value instanceof List<?> list) {
      array(Values.objects(list), depth);
    } else if (value instanceof Tuple tuple) {
      array(tuple.items(), depth);
    } else if (value instanceof Dict dict) {
      object(dict, depth);
    } else {
      throw Failure.of("Object of type %s is not JSON serializable", Values.typeName(value));
    }
    if (out.length() > WorkLimit.LONGEST) {
      throw Failure.of("tojson makes more text than a prompt can have");
    }
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return Double.isInfinite(value) ? value > 0 ? "Infinity" : "-Infinity" : Printing.number(value);
  }

  private void array(List<Object> items, int depth) {
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      separate(i, depth + 1);
      write(items.get(i), depth + 1);
    }
    close(items.isEmpty(), depth, ']');
  }

  private void object(Dict dict, int depth) {
    List<Object> keys = new ArrayList<>(dict.keys());
    if (sorted) {
      keys.sort(ORDER);
    }
    out.append('{');
    for (int i = 0; i < keys.size(); i++) {
      separate(i, depth + 1);
      string(key(keys.get(i)));
      out.append(afterKey);
      write(Objects.requireNonNull(dict.get(keys.get(i))), depth + 1);
    }
    close(keys.isEmpty(), depth, '}');
  }

  /** Python's order of values that can be compared. */
  static final Comparator<Object> ORDER =
      (a, b) -> Values.isLess(a, b) ? -1 : Values.isLess(b, a) ? 1 : 0;

  private static String key(Object key) {
    if (Values.isText(key)) {
      return Values.text(key, "tojson");
    } else if (key == None.NONE) {
      return "null";
    } else if (key instanceof Boolean || key instanceof Long) {
      return key.toString();
    } else if (key instanceof Double number) {
      return number(number);
    }
    throw Failure.of("keys must be str, int, float, bool or None, not %s", Values.typeName(key));
  }

  private void separate(int index, int depth) {
    if (index > 0) {
      out.append(between);
    }
    if (indent != null) {
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void close(boolean empty, int depth, char end) {
    if (indent != null && !empty) {
      out.append('\n').append(indent.repeat(depth));
    }
    out.append(end);
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
