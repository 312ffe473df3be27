package dev.squint.pruner.plan;

import dev.squint.pruner.Point;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The catalogue: all methods by their names in plans. Methods at different points may share a name
 * if they do the same with other tokens. The entries are in one list per point: {@link
 * BaselineMethods}, {@link MethodsBeforeEncoder}, {@link PatchMethods}, {@link EncoderMethods},
 * {@link ClipMethods}, {@link DecoderMethods}, {@link CacheMethods}.
 */
public final class MethodCatalogue {
  private static final MethodCatalogue ALL =
      new MethodCatalogue(
          Stream.of(
                  BaselineMethods.ALL,
                  MethodsBeforeEncoder.FRAMES,
                  MethodsBeforeEncoder.TILES,
                  PatchMethods.ALL,
                  EncoderMethods.ALL,
                  ClipMethods.ALL,
                  DecoderMethods.BETWEEN_LAYERS,
                  DecoderMethods.IN_ALL_LAYERS,
                  CacheMethods.ALL)
              .flatMap(List::stream)
              .toList());

  private final List<Method> methods;

  private MethodCatalogue(Collection<Method> methods) {
    this.methods = List.copyOf(methods);
    Set<String> taken = new HashSet<>();
    for (Method method : methods) {
      for (Point.Kind kind : method.points()) {
        if (!taken.add(kind + ":" + method.name())) {
          throw new IllegalArgumentException(
              "two methods are called '%s'; rename one".formatted(method.name()));
        }
      }
    }
  }

  /** The catalogue of Squint's methods. */
  public static MethodCatalogue all() {
    return ALL;
  }

  /** A copy of this catalogue with one more method. */
  public MethodCatalogue with(Method method) {
    return new MethodCatalogue(Stream.concat(methods.stream(), Stream.of(method)).toList());
  }

  /** All methods, in the catalogue's order. */
  public List<Method> methods() {
    return methods;
  }

  /** The methods that can act at a point, in the catalogue's order. */
  public List<Method> at(Point.Kind kind) {
    return methods.stream().filter(method -> method.points().contains(kind)).toList();
  }

  /**
   * The method of this name; the first in the catalogue's order if there are several.
   *
   * @throws IllegalArgumentException listing the available names, and the nearest one
   */
  public Method get(String name) {
    return named(name).get(0);
  }

  /**
   * The method of this name that acts at a point; of another point if none acts there.
   *
   * @throws IllegalArgumentException listing the available names, and the nearest one
   */
  Method get(String name, Point.Kind kind) {
    List<Method> named = named(name);
    return named.stream()
        .filter(method -> method.points().contains(kind))
        .findFirst()
        .orElse(named.get(0));
  }

  /**
   * The methods of this name, which act at different points.
   *
   * @throws IllegalArgumentException listing the available names, and the nearest one
   */
  public List<Method> named(String name) {
    List<Method> named = methods.stream().filter(method -> method.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw new IllegalArgumentException(
          "no method is called '%s'; available are %s%s"
              .formatted(name, names(), Suggestion.of(name, names())));
    }
    return named;
  }

  private List<String> names() {
    return methods.stream().map(Method::name).distinct().toList();
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
