package dev.squint.llm.jinja;

import java.util.List;

/** Python's {@code tuple}. */
record Tuple(List<Object> items) {

  Tuple {
    items = List.copyOf(items);
  }

  static Tuple of(Object... items) {
    return new Tuple(List.of(items));
  }
}
