package dev.squint.pruner;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The evidence that came with a set of tokens. Immutable. */
public final class Observed {
  private static final Observed NOTHING = new Observed(Map.of());

  private final Map<Evidence<?>, Value<?>> values;

  private Observed(Map<Evidence<?>, Value<?>> values) {
    this.values = values;
  }

  public static Observed nothing() {
    return NOTHING;
  }

  /** This and one more. */
  public <V> Observed with(Evidence<V> evidence, V value) {
    Map<Evidence<?>, Value<?>> more = new LinkedHashMap<>(values);
    more.put(evidence, new Value<>(evidence, value));
    return new Observed(more);
  }

  /** What there is. */
  public Set<Evidence<?>> kinds() {
    return values.keySet();
  }

  /**
   * The value of one kind.
   *
   * @throws IllegalStateException when it was not observed, or not declared by the method that asks
   */
  @SuppressWarnings("unchecked") // with() pairs each kind with its own type of value.
  public <V> V get(Evidence<V> evidence) {
    Value<?> value = values.get(evidence);
    if (value == null) {
      throw new IllegalStateException(
          "%s was not observed or is not declared in needs(); there is %s"
              .formatted(evidence, values.keySet()));
    }
    return (V) value.value;
  }

  /** The given kinds only, as far as they are there. */
  Observed only(Collection<Evidence<?>> kinds) {
    Map<Evidence<?>, Value<?>> fewer = new LinkedHashMap<>(values);
    fewer.keySet().retainAll(kinds);
    return new Observed(fewer);
  }

  Observed reduced(TokenReduction reduction) {
    Map<Evidence<?>, Value<?>> reduced = new LinkedHashMap<>();
    values.forEach((evidence, value) -> reduced.put(evidence, value.reduced(reduction)));
    return new Observed(reduced);
  }

  void check(int tokens) {
    values.values().forEach(value -> value.check(tokens));
  }

  private record Value<V>(Evidence<V> evidence, V value) {
    Value<V> reduced(TokenReduction reduction) {
      return new Value<>(evidence, evidence.reduced(value, reduction));
    }

    void check(int tokens) {
      evidence.check(value, tokens);
    }
  }
}
