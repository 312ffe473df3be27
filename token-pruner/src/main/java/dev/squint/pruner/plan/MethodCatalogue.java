package dev.squint.pruner.plan;

import dev.squint.pruner.Point;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The catalogue: all methods by their names in plans. The entries are in one list per point: {@link
 * BaselineMethods}, {@link MethodsBeforeEncoder}, {@link EncoderMethods}, {@link DecoderMethods},
 * {@link CacheMethods}.
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
        throw new IllegalArgumentException(
            "two methods are called '%s'; rename one".formatted(method.name()));
      }
    }
  }

  /** The catalogue of Squint's methods. */
  public static MethodCatalogue all() {
    return ALL;
  }

  /** A copy of this catalogue with one more method. */
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
   * @throws IllegalArgumentException listing the available names
   */
  public Method get(String name) {
    Method method = methods.get(name);
    if (method == null) {
      throw new IllegalArgumentException(
          "no method is called '%s'; available are %s".formatted(name, methods.keySet()));
    }
    return method;
  }

  /**
   * Parses a plan of these methods.
   *
   * @throws IllegalArgumentException saying what is wrong, what is allowed and what to write
   *     instead
   */
  public PruningPlan plan(String text) {
    return new PlanParser(this).parse(text);
  }
}
