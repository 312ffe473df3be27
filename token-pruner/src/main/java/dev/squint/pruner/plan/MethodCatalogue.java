package dev.squint.pruner.plan;

import dev.squint.pruner.Point;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The catalogue: every method of every kind by the name that plans use. The entries stand in one
 * list a point: {@link BaselineMethods}, {@link MethodsBeforeEncoder}, {@link EncoderMethods},
 * {@link DecoderMethods}, {@link CacheMethods}.
 */
public final class MethodCatalogue {
  private static final MethodCatalogue ALL =
      new MethodCatalogue(
          Stream.of(
                  BaselineMethods.ALL,
                  MethodsBeforeEncoder.FRAMES,
                  MethodsBeforeEncoder.TILES,
                  EncoderMethods.ALL,
                  DecoderMethods.BETWEEN_LAYERS,
                  DecoderMethods.IN_ALL_LAYERS,
                  CacheMethods.ALL)
              .flatMap(List::stream)
              .toList());

  private final Map<String, Method> methods = new LinkedHashMap<>();

  private MethodCatalogue(Collection<Method> methods) {
    for (Method method : methods) {
      if (this.methods.put(method.name(), method) != null) {
        throw new IllegalArgumentException("two methods are called '%s'".formatted(method.name()));
      }
    }
  }

  /** Squint's methods. */
  public static MethodCatalogue all() {
    return ALL;
  }

  /** This catalogue and one more method. */
  public MethodCatalogue with(Method method) {
    Collection<Method> more = new ArrayList<>(methods.values());
    more.add(method);
    return new MethodCatalogue(more);
  }

  /** All methods, in the catalogue's order. */
  public List<Method> methods() {
    return List.copyOf(methods.values());
  }

  /** The methods that can act at a point, in the catalogue's order. */
  public List<Method> at(Point.Kind kind) {
    return methods.values().stream().filter(method -> method.points().contains(kind)).toList();
  }

  /**
   * The method of this name.
   *
   * @throws IllegalArgumentException listing the names that there are
   */
  public Method get(String name) {
    Method method = methods.get(name);
    if (method == null) {
      throw new IllegalArgumentException(
          "no method is called '%s'; there are %s".formatted(name, methods.keySet()));
    }
    return method;
  }

  /**
   * Reads a plan of these methods.
   *
   * @throws IllegalArgumentException saying what is wrong, what is allowed and what to write
   *     instead
   */
  public PruningPlan plan(String text) {
    return new PlanParser(this).parse(text);
  }
}
