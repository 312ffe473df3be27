package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's {@code dict}, in the order in which keys came. Never changed once it is in use. */
final class Dict {

  private record Entry(Object key, Object value) {}

  private final Map<Object, Entry> entries = new LinkedHashMap<>();

  /** Adds an entry while the dict is made. A key that is there keeps its place and spelling. */
  Dict put(Object key, Object value) {
    Object hash = hash(key);
    Entry old = entries.get(hash);
    entries.put(hash, new Entry(old == null ? key : old.key(), value));
    return this;
  }

  Dict putAll(Dict other) {
    other.entries.values().forEach(entry -> put(entry.key(), entry.value()));
    return this;
  }

  /** The value, or null if there is none. */
  @Nullable Object get(Object key) {
    Entry entry = entries.get(hash(key));
    return entry == null ? null : entry.value();
  }

  boolean has(Object key) {
    return entries.containsKey(hash(key));
  }

  int size() {
    return entries.size();
  }

  List<Object> keys() {
    List<Object> keys = new ArrayList<>();
    entries.values().forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  List<Object> values() {
    List<Object> values = new ArrayList<>();
    entries.values().forEach(entry -> values.add(entry.value()));
    return values;
  }

  List<Object> items() {
    List<Object> items = new ArrayList<>();
    entries.values().forEach(entry -> items.add(Tuple.of(entry.key(), entry.value())));
    return items;
  }

  /** Whether a value can be a key. */
  static boolean hashable(Object key) {
    return key instanceof Tuple tuple
        ? tuple.items().stream().allMatch(Dict::hashable)
        : !(key instanceof List || key instanceof Dict);
  }

  // Numbers that are equal are the same key in Python, whatever their types are.
  static Object hash(Object key) {
    if (key instanceof Boolean truth) {
      return truth ? 1L : 0L;
    }
    if (key instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return number.longValue();
    }
    if (key instanceof Markup markup) {
      return markup.text();
    }
    if (key instanceof Tuple tuple) {
      return new Tuple(tuple.items().stream().map(Dict::hash).toList());
    }
    if (!hashable(key)) {
      throw Failure.of("unhashable type: '%s'", Values.typeName(key));
    }
    return key;
  }
}
