package dev.squint.llm.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of one block while it runs. Which names are its own was decided before. */
final class TemplateScope {

  /** Stands for a name that has no value yet. */
  private static final Object MISSING = new Object();

  private final @Nullable TemplateScope outer;
  private final Map<String, Object> values = new HashMap<>();

  private TemplateScope(@Nullable TemplateScope outer) {
    this.outer = outer;
  }

  /** The scope of a whole template. */
  static TemplateScope root(Names names, Rendering run) {
    return new TemplateScope(null).entered(names, run);
  }

  /** A scope inside this one. */
  TemplateScope inner(Names names, Rendering run) {
    return new TemplateScope(this).entered(names, run);
  }

  private TemplateScope entered(Names names, Rendering run) {
    names
        .origins()
        .forEach(
            (name, origin) ->
                values.put(
                    name,
                    switch (origin) {
                      case OUTER -> outer == null ? MISSING : outer.find(name);
                      case VARIABLE -> Globals.resolve(run, name, MISSING);
                      case PARAMETER, NOTHING -> MISSING;
                    }));
    return this;
  }

  private Object find(String name) {
    for (TemplateScope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    return MISSING;
  }

  /** The value of a name; undefined if it has none. */
  Object get(String name) {
    Object value = find(name);
    return value == MISSING ? Undefined.name(name) : value;
  }

  boolean lacks(String name) {
    return find(name) == MISSING;
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
