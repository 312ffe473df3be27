package dev.squint.pruner.plan;

import dev.squint.pruner.LibraryOnly;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The components of a method's record as named parameters, so that a new method needs no code for
 * the plan language. The supported types are numbers, booleans, texts and enums (in lower case).
 */
final class Parameters {
  private static final Set<Class<?>> PLAIN =
      Set.of(int.class, long.class, float.class, double.class, boolean.class, String.class);
  private static final Set<String> BUDGET_WORDS = Set.of("keep", "tokens", "crops");

  private Parameters() {}

  /** Names of the parameters, in order. */
  static List<String> names(Object method) {
    return components(method).stream().map(RecordComponent::getName).toList();
  }

  /** Rejects a method with a parameter that cannot be written in a plan. */
  static void check(String name, Object method) {
    for (RecordComponent component : components(method)) {
      Class<?> type = component.getType();
      if (!PLAIN.contains(type) && !type.isEnum()) {
        throw new IllegalArgumentException(
            "parameter '%s' of '%s' must be a number, a boolean, a text or an enum but is a %s"
                .formatted(component.getName(), name, type.getSimpleName()));
      }
      if (BUDGET_WORDS.contains(component.getName())) {
        throw new IllegalArgumentException(
            "parameter '%s' of '%s' has a name that is reserved for budgets; rename it"
                .formatted(component.getName(), name));
      }
    }
  }

  /** A copy of the method with other values for some parameters. */
  static <M> M with(M defaults, Map<String, String> given) {
    if (given.isEmpty()) {
      return defaults;
    }
    List<RecordComponent> components = components(defaults);
    List<Class<?>> types = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : components) {
      String text = given.get(component.getName());
      types.add(component.getType());
      values.add(text == null ? value(component, defaults) : read(component, text));
    }
    try {
      @SuppressWarnings("unchecked") // The same class as the defaults.
      M method =
          (M)
              defaults
                  .getClass()
                  .getDeclaredConstructor(types.toArray(Class<?>[]::new))
                  .newInstance(values.toArray());
      return method;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException(
          "cannot create " + defaults.getClass().getName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "cannot create %s; make the record public".formatted(defaults.getClass().getName()), e);
    }
  }

  /** The parameters whose values differ from the defaults, as a plan writes them. */
  static Map<String, String> differing(Object method, Object defaults) {
    Map<String, String> differing = new LinkedHashMap<>();
    for (RecordComponent component : components(method)) {
      Object value = value(component, method);
      if (!value.equals(value(component, defaults))) {
        differing.put(component.getName(), write(value));
      }
    }
    return differing;
  }

  /** All parameters in order, with their values as a plan writes them. */
  static Map<String, String> all(Object method) {
    Map<String, String> all = new LinkedHashMap<>();
    for (RecordComponent component : components(method)) {
      all.put(component.getName(), write(value(component, method)));
    }
    return all;
  }

  private static List<RecordComponent> components(Object method) {
    return method instanceof Record
        ? Arrays.asList(method.getClass().getRecordComponents())
        : List.of();
  }

  private static Object value(RecordComponent component, Object method) {
    try {
      return component.getAccessor().invoke(method);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "cannot read '%s' of %s; make the record public"
              .formatted(component.getName(), method.getClass().getName()),
          e);
    }
  }

  private static String write(Object value) {
    return value instanceof Enum<?> constant ? word(constant) : value.toString();
  }

  private static Object read(RecordComponent component, String text) {
    Class<?> type = component.getType();
    try {
      if (type == int.class) {
        return Integer.parseInt(text);
      } else if (type == long.class) {
        return Long.parseLong(text);
      } else if (type == float.class) {
        return Float.parseFloat(text);
      } else if (type == double.class) {
        return Double.parseDouble(text);
      }
    } catch (NumberFormatException e) {
      throw wrong(
          component, text, type == int.class || type == long.class ? "a whole number" : "a number");
    }
    if (type == String.class) {
      return text;
    }
    if (type == boolean.class) {
      if (text.equals("true") || text.equals("false")) {
        return text.equals("true");
      }
      throw wrong(component, text, "true or false");
    }
    List<Enum<?>> constants = constants(type);
    for (Enum<?> constant : constants) {
      if (word(constant).equals(text)) {
        return constant;
      }
    }
    throw wrong(component, text, "one of " + constants.stream().map(Parameters::word).toList());
  }

  /** The constants of an enum that plans may choose. */
  static List<Enum<?>> constants(Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .<Enum<?>>map(constant -> (Enum<?>) constant)
        .filter(Parameters::isForPlans)
        .toList();
  }

  private static boolean isForPlans(Enum<?> constant) {
    try {
      Field field = constant.getDeclaringClass().getField(constant.name());
      return !field.isAnnotationPresent(LibraryOnly.class);
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("every constant is a field of its enum: " + constant, e);
    }
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static IllegalArgumentException wrong(
      RecordComponent component, String text, String allowed) {
    return new IllegalArgumentException(
        "%s must be %s but was '%s'".formatted(component.getName(), allowed, text));
  }
}
