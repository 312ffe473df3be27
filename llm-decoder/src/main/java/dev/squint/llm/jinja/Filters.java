package dev.squint.llm.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The filters of Jinja2 by name. */
final class Filters {

  /** One filter: the value, then its arguments. */
  @FunctionalInterface
  interface Filter {
    Object apply(Rendering run, Object value, Arguments arguments);
  }

  private static final Map<String, Filter> FILTERS = new HashMap<>();

  /** Filters that Jinja2 has and this package does not. */
  private static final Set<String> REFUSED =
      Set.of(
          "filesizeformat",
          "pprint",
          "random",
          "striptags",
          "urlencode",
          "urlize",
          "wordwrap",
          "xmlattr");

  static {
    FILTERS.putAll(TextFilters.ALL);
    FILTERS.putAll(NumberFilters.ALL);
    FILTERS.putAll(SequenceFilters.ALL);
    FILTERS.putAll(ChoosingFilters.ALL);
  }

  private Filters() {}

  static boolean exists(String name) {
    return FILTERS.containsKey(name) || REFUSED.contains(name);
  }

  /** Refuses a filter that Jinja2 has and this package does not. */
  static void requireSupported(String name) {
    if (REFUSED.contains(name)) {
      throw Failure.unsupported("the filter '%s'".formatted(name));
    }
  }

  static Object apply(Rendering run, String name, Object value, Arguments arguments) {
    requireSupported(name);
    Filter filter = FILTERS.get(name);
    if (filter == null) {
      throw Failure.of("No filter named '%s'.", name);
    }
    run.limit().read(value);
    return filter.apply(run, value, arguments);
  }
}
