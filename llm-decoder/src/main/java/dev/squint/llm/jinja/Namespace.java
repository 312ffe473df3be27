package dev.squint.llm.jinja;

import java.util.HashMap;
import java.util.Map;

/** What {@code namespace()} gives: the one value that a template can change. */
final class Namespace {

  private final Map<String, Object> attributes = new HashMap<>();

  Namespace(Dict initial) {
    for (Object key : initial.keys()) {
      attributes.put(Values.text(key, "namespace"), initial.get(key));
    }
  }

  Object get(String name) {
    return attributes.getOrDefault(name, Undefined.member(this, name));
  }

  void set(String name, Object value) {
    attributes.put(name, value);
  }
}
