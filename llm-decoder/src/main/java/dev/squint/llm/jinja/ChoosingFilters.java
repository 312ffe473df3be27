package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Filters.Filter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Filters that choose values or take a part of each. */
final class ChoosingFilters {

  static final Map<String, Filter> ALL =
      Map.of(
          "default", ChoosingFilters::otherwise,
          "d", ChoosingFilters::otherwise,
          "attr", ChoosingFilters::attribute,
          "map", ChoosingFilters::map,
          "select", (run, value, given) -> choose(value, given, true, false),
          "reject", (run, value, given) -> choose(value, given, false, false),
          "selectattr", (run, value, given) -> choose(value, given, true, true),
          "rejectattr", (run, value, given) -> choose(value, given, false, true),
          "groupby", ChoosingFilters::group);

  private ChoosingFilters() {}

  private static Object otherwise(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("default", "default_value", "boolean");
    boolean lacks = value instanceof Undefined || (given.isTrue(1) && !Values.isTrue(value));
    return lacks ? given.or(0, "") : value;
  }

  private static Object attribute(Rendering run, Object value, Arguments arguments) {
    String name = arguments.bind("attr", "name").text(0, "");
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    Object member = Members.member(value, name);
    return member == null ? Undefined.member(value, name) : member;
  }

  private static Object map(Rendering run, Object value, Arguments given) {
    return new Generator(
        SequenceFilters.lazily(
            () -> {
              if (!Values.isTrue(value)) {
                return List.of().iterator();
              }
              UnaryOperator<Object> how = mapping(run, given);
              Iterator<Object> items = Values.iterate(value);
              return new Iterator<>() {
                @Override
                public boolean hasNext() {
                  return items.hasNext();
                }

                @Override
                public Object next() {
                  run.limit().step();
                  return how.apply(items.next());
                }
              };
            }));
  }

  private static UnaryOperator<Object> mapping(Rendering run, Arguments given) {
    if (given.size() == 0 && given.named().containsKey("attribute")) {
      Arguments.Bound bound = given.bind("map", "attribute", "default");
      Object otherwise = bound.or(1, None.NONE);
      return item -> Members.path(item, bound.required(0), otherwise);
    }
    if (given.size() == 0) {
      throw Failure.of("map requires a filter argument");
    }
    String filter = Values.text(given.at(0), "map");
    return item -> Filters.apply(run, filter, item, given.rest());
  }

  private static Object choose(Object value, Arguments given, boolean keep, boolean byAttribute) {
    return new Generator(
        SequenceFilters.lazily(
            () ->
                Values.isTrue(value)
                    ? chosen(value, test(given, byAttribute), keep)
                    : List.of().iterator()));
  }

  private static Iterator<Object> chosen(Object value, Predicate<Object> test, boolean keep) {
    return new ItemFilter(Values.iterate(value), keep ? test : test.negate());
  }

  private static Predicate<Object> test(Arguments given, boolean byAttribute) {
    if (!byAttribute) {
      return holds(given);
    }
    if (given.size() == 0) {
      throw Failure.of("Missing parameter for attribute name");
    }
    Predicate<Object> test = holds(given.rest());
    return item -> test.test(Members.path(item, given.at(0), null));
  }

  private static Predicate<Object> holds(Arguments given) {
    if (given.size() == 0) {
      return Values::isTrue;
    }
    String test = Values.text(given.at(0), "select");
    Arguments rest = given.rest();
    return item -> Tests.holds(test, item, rest);
  }

  private static Object group(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("groupby", "attribute", "default", "case_sensitive");
    Object otherwise = given.or(1, None.NONE);
    Object path = given.required(0);
    UnaryOperator<Object> exact = item -> Members.path(item, path, otherwise);
    UnaryOperator<Object> key =
        item -> {
          Object found = exact.apply(item);
          return !given.isTrue(2) && found instanceof String text
              ? StringMethods.lower(text)
              : found;
        };
    List<Object> sorted = new ArrayList<>(Values.list(value));
    sorted.sort((a, b) -> Json.ORDER.compare(key.apply(a), key.apply(b)));
    List<Object> groups = new ArrayList<>();
    List<Object> members = new ArrayList<>();
    for (Object item : sorted) {
      if (!members.isEmpty() && !Values.areEqual(key.apply(members.get(0)), key.apply(item))) {
        groups.add(Tuple.of(exact.apply(members.get(0)), members));
        members = new ArrayList<>();
      }
      members.add(item);
    }
    if (!members.isEmpty()) {
      groups.add(Tuple.of(exact.apply(members.get(0)), members));
    }
    return groups;
  }
}
