package dev.squint.llm.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of one call. */
record Arguments(List<Object> positional, Map<String, Object> named) {

  static final Arguments NONE = new Arguments(List.of(), Map.of());

  int size() {
    return positional.size();
  }

  Object at(int index) {
    return positional.get(index);
  }

  /** Refuses names, and counts outside of what a function of Python takes. */
  Arguments only(String function, int least, int most) {
    if (!named.isEmpty()) {
      throw Failure.of("%s() takes no keyword arguments", function);
    }
    if (size() < least || size() > most) {
      throw Failure.of(
          "%s() takes %s arguments (%d given)",
          function, least == most ? "" + least : least + " to " + most, size());
    }
    return this;
  }

  /**
   * The arguments in the order of their parameters, null where one is not given.
   *
   * @param function whose they are, for the error
   * @param parameters the names
   */
  Bound bind(String function, String... parameters) {
    if (size() > parameters.length) {
      throw Failure.of(
          "%s takes at most %d arguments (%d given)", function, parameters.length, size());
    }
    @Nullable Object[] values = new @Nullable Object[parameters.length];
    Map<String, Object> left = new LinkedHashMap<>(named);
    for (int i = 0; i < parameters.length; i++) {
      Object byName = left.remove(parameters[i]);
      if (byName != null && i < size()) {
        throw Failure.of("%s got multiple values for argument '%s'", function, parameters[i]);
      }
      values[i] = i < size() ? at(i) : byName;
    }
    if (!left.isEmpty()) {
      throw Failure.of(
          "%s got an unexpected keyword argument '%s'", function, left.keySet().iterator().next());
    }
    return new Bound(function, parameters, values);
  }

  /** The same without the first positional argument. */
  Arguments rest() {
    return new Arguments(positional.subList(1, size()), named);
  }

  /** Arguments by parameter. */
  static final class Bound {

    private final String function;
    private final String[] parameters;
    private final @Nullable Object[] values;

    private Bound(String function, String[] parameters, @Nullable Object[] values) {
      this.function = function;
      this.parameters = parameters;
      this.values = values;
    }

    Object required(int index) {
      Object value = values[index];
      if (value == null) {
        throw Failure.of("%s misses the argument '%s'", function, parameters[index]);
      }
      return value;
    }

    Object or(int index, Object otherwise) {
      Object value = values[index];
      return value == null ? otherwise : value;
    }

    boolean has(int index) {
      return values[index] != null;
    }

    boolean isTrue(int index) {
      return Values.isTrue(or(index, false));
    }

    /** A whole number, or the other value if none is given. */
    int integer(int index, int otherwise) {
      return has(index)
          ? Values.smallInteger(required(index), function + " " + parameters[index])
          : otherwise;
    }

    /** A text, or the other value if none is given. */
    String text(int index, String otherwise) {
      return has(index)
          ? Values.text(required(index), function + " " + parameters[index])
          : otherwise;
    }

    /** Whether an argument is given and not {@code None}. */
    boolean isSet(int index) {
      return has(index) && values[index] != None.NONE;
    }
  }
}
