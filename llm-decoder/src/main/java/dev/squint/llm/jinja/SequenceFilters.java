package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Filters.Filter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Filters that take or make several values. */
final class SequenceFilters {

  static final Map<String, Filter> ALL =
      Map.ofEntries(
          Map.entry("list", TextFilters.plain("list", (run, value, given) -> list(run, value))),
          Map.entry("length", TextFilters.plain("length", (run, value, given) -> length(value))),
          Map.entry("count", TextFilters.plain("count", (run, value, given) -> length(value))),
          Map.entry("first", TextFilters.plain("first", (run, value, given) -> first(value))),
          Map.entry("last", TextFilters.plain("last", (run, value, given) -> last(value))),
          Map.entry("reverse", TextFilters.plain("reverse", (run, value, given) -> reverse(value))),
          Map.entry("items", TextFilters.plain("items", (run, value, given) -> items(value))),
          Map.entry("join", SequenceFilters::join),
          Map.entry("sort", SequenceFilters::sort),
          Map.entry("dictsort", SequenceFilters::sortDict),
          Map.entry("unique", SequenceFilters::unique),
          Map.entry("min", (run, value, given) -> extreme("min", value, given)),
          Map.entry("max", (run, value, given) -> extreme("max", value, given)),
          Map.entry("sum", SequenceFilters::sum),
          Map.entry("batch", SequenceFilters::batch),
          Map.entry("slice", SequenceFilters::slice));

  private SequenceFilters() {}

  private static Object list(Rendering run, Object value) {
    List<Object> items = Values.list(value);
    run.limit().make(items.size());
    return items;
  }

  private static Object length(Object value) {
    int length = Values.length(value);
    if (length < 0) {
      throw Failure.of("object of type '%s' has no len()", Values.typeName(value));
    }
    return (long) length;
  }

  private static Object first(Object value) {
    Iterator<Object> items = Values.iterate(value);
    return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
  }

  private static Object last(Object value) {
    if (value instanceof Generator) {
      throw Failure.of("'generator' object is not reversible");
    }
    if (value instanceof Undefined) {
      throw Failure.unsupported("the filter last of an undefined value");
    }
    List<Object> items = Values.list(value);
    return items.isEmpty()
        ? new Undefined("No last item, sequence was empty.")
        : items.get(items.size() - 1);
  }

  private static Object reverse(Object value) {
    if (value instanceof Markup) {
      throw Failure.unsupported("the filter reverse of a value that is marked as safe");
    }
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> items = Values.list(value);
    Collections.reverse(items);
    return value instanceof Generator ? items : new Generator(items.iterator());
  }

  private static Object items(Object value) {
    if (value instanceof Undefined) {
      return new Generator(List.of().iterator());
    }
    if (value instanceof Dict dict) {
      return new Generator(dict.items().iterator());
    }
    // Jinja2 raises only when the items are read.
    return new Generator(
        lazily(
            () -> {
              throw Failure.of("Can only get item pairs from a mapping.");
            }));
  }

  /** An iterator that is made when the first item is asked for, as Python's generators are. */
  static Iterator<Object> lazily(java.util.function.Supplier<Iterator<Object>> start) {
    return new Iterator<>() {
      private @org.jspecify.annotations.Nullable Iterator<Object> items;

      private Iterator<Object> items() {
        if (items == null) {
          items = start.get();
        }
        return items;
      }

      @Override
      public boolean hasNext() {
        return items().hasNext();
      }

      @Override
      public Object next() {
        return items().next();
      }
    };
  }

  private static Object join(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("join", "d", "attribute");
    StringBuilder out = new StringBuilder();
    String separator = Printing.str(given.or(0, ""));
    boolean first = true;
    for (Object item : Values.list(value)) {
      Object shown = given.isSet(1) ? Members.path(item, given.required(1), null) : item;
      String text = Printing.str(shown);
      run.limit().make(separator.length() + text.length());
      out.append(first ? "" : separator).append(text);
      first = false;
    }
    return out.toString();
  }

  private static Object folded(Object value, boolean caseSensitive) {
    return !caseSensitive && value instanceof String text ? StringMethods.lower(text) : value;
  }

  private static List<Object> sorted(
      List<Object> items, java.util.function.UnaryOperator<Object> key, boolean reverse) {
    List<Tuple> keyed = new ArrayList<>();
    for (Object item : items) {
      Object by = key.apply(item);
      if (by instanceof Double number && Double.isNaN(number)) {
        throw Failure.unsupported("sorting nan");
      }
      keyed.add(Tuple.of(by, item));
    }
    Comparator<Tuple> order = (a, b) -> Json.ORDER.compare(a.items().get(0), b.items().get(0));
    // A sort in reverse keeps the order of equal items, as Python's does.
    keyed.sort(reverse ? order.reversed() : order);
    List<Object> sorted = new ArrayList<>();
    keyed.forEach(pair -> sorted.add(pair.items().get(1)));
    return sorted;
  }

  private static Object sort(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
    boolean caseSensitive = given.isTrue(1);
    return sorted(
        Values.list(value),
        item -> {
          List<Object> keys = new ArrayList<>();
          if (!given.isSet(2)) {
            keys.add(folded(item, caseSensitive));
          } else if (given.required(2) instanceof String paths) {
            for (String path : paths.split(",", -1)) {
              keys.add(folded(Members.path(item, path, null), caseSensitive));
            }
          } else {
            keys.add(folded(Members.path(item, given.required(2), null), caseSensitive));
          }
          return keys;
        },
        given.isTrue(0));
  }

  private static Object sortDict(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
    String by = given.text(1, "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw Failure.of("You can only sort by either \"key\" or \"value\"");
    }
    if (!(value instanceof Dict dict)) {
      throw Failure.of("'%s' object has no attribute 'items'", Values.typeName(value));
    }
    int part = by.equals("key") ? 0 : 1;
    return sorted(
        dict.items(),
        item -> folded(((Tuple) item).items().get(part), given.isTrue(0)),
        given.isTrue(2));
  }

  private static Object unique(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("unique", "case_sensitive", "attribute");
    return new Generator(
        lazily(
            () -> {
              Set<Object> seen = new HashSet<>();
              List<Object> kept = new ArrayList<>();
              for (Object item : Values.list(value)) {
                Object key = given.isSet(1) ? Members.path(item, given.required(1), null) : item;
                if (seen.add(Dict.hash(folded(key, given.isTrue(0))))) {
                  kept.add(item);
                }
              }
              return kept.iterator();
            }));
  }

  private static Object extreme(String name, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind(name, "case_sensitive", "attribute");
    Object best = new Undefined("No aggregated item, sequence was empty.");
    Object bestKey = best;
    for (Object item : Values.list(value)) {
      Object found = given.isSet(1) ? Members.path(item, given.required(1), null) : item;
      Object key = folded(found, given.isTrue(0));
      boolean better =
          (bestKey == best && best instanceof Undefined)
              || (name.equals("min") ? Values.isLess(key, bestKey) : Values.isLess(bestKey, key));
      if (better) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  private static Object sum(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("sum", "attribute", "start");
    Object total = given.or(1, 0L);
    if (Values.isText(total)) {
      throw Failure.of("sum() can't sum strings [use ''.join(seq) instead]");
    }
    for (Object item : Values.list(value)) {
      Object part = given.isSet(0) ? Members.path(item, given.required(0), null) : item;
      total = Arithmetic.of(run, "+", total, part);
    }
    return total;
  }

  private static Object batch(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("batch", "linecount", "fill_with");
    int size = Values.smallInteger(given.required(0), "batch");
    List<Object> items = Values.list(value);
    if (size <= 0) {
      throw Failure.unsupported("batch of %d items".formatted(size));
    }
    run.limit().make(size);
    List<Object> rows = new ArrayList<>();
    for (int at = 0; at < items.size(); at += size) {
      List<Object> row = new ArrayList<>(items.subList(at, Math.min(items.size(), at + size)));
      while (given.isSet(1) && row.size() < size) {
        row.add(given.required(1));
      }
      rows.add(row);
    }
    return new Generator(rows.iterator());
  }

  private static Object slice(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("slice", "slices", "fill_with");
    int slices = Values.smallInteger(given.required(0), "slice");
    List<Object> items = Values.list(value);
    if (slices <= 0) {
      throw Failure.unsupported("%d slices".formatted(slices));
    }
    run.limit().make(slices);
    int each = items.size() / slices;
    int longer = items.size() % slices;
    List<Object> parts = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < slices; i++) {
      int end = at + each + (i < longer ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(at, end));
      if (given.isSet(1) && i >= longer) {
        part.add(given.required(1));
      }
      parts.add(part);
      at = end;
    }
    return new Generator(parts.iterator());
  }
}
