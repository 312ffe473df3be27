package dev.squint.pruner.plan;

import java.util.List;

/** The methods of the catalogue that reduce tokens. */
final class TokenMethods {

  private TokenMethods() {}

  static List<Method> all() {
    return MethodCatalogue.all().methods().stream()
        .filter(method -> method.action() instanceof Action.Tokens<?>)
        .toList();
  }

  static Action.Tokens<?> action(Method method) {
    return (Action.Tokens<?>) method.action();
  }
}
