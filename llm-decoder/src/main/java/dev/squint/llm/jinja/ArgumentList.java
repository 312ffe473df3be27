package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that stand in a call.
 *
 * @param positional by place
 * @param named by name
 * @param all a list of more, after {@code *}
 * @param byName a dict of more, after {@code **}
 */
record ArgumentList(
    List<Expr> positional, Map<String, Expr> named, @Nullable Expr all, @Nullable Expr byName) {

  static final ArgumentList NONE = new ArgumentList(List.of(), Map.of(), null, null);

  Arguments evaluate(Rendering run, TemplateScope scope) {
    List<Object> places = new ArrayList<>();
    positional.forEach(argument -> places.add(argument.evaluate(run, scope)));
    if (all != null) {
      Values.iterate(all.evaluate(run, scope)).forEachRemaining(places::add);
    }
    Map<String, Object> names = new LinkedHashMap<>();
    named.forEach((name, argument) -> names.put(name, argument.evaluate(run, scope)));
    if (byName != null) {
      Object more = byName.evaluate(run, scope);
      if (!(more instanceof Dict dict)) {
        throw Failure.of("argument after ** must be a mapping, not %s", Values.typeName(more));
      }
      for (Object key : dict.keys()) {
        String name = Values.text(key, "keywords");
        if (names.put(name, Objects.requireNonNull(dict.get(key))) != null) {
          throw Failure.of("got multiple values for keyword argument '%s'", name);
        }
      }
    }
    return new Arguments(places, names);
  }

  List<Expr> after(Expr first) {
    List<Expr> parts = new ArrayList<>();
    parts.add(first);
    parts.addAll(positional);
    parts.addAll(named.values());
    if (all != null) {
      parts.add(all);
    }
    if (byName != null) {
      parts.add(byName);
    }
    return parts;
  }
}
