package dev.squint.pruner;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
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

  /** The evidence of tiles that were encoded apart, put together. */
  static Observed together(List<PatchTokens.EncodedTile> parts, int tiles) {
    Set<Evidence<?>> kinds = parts.get(0).tokens().evidenceKinds();
    Observed together = nothing();
    for (Evidence<?> kind : kinds) {
      together = together.withTogether(kind, parts, tiles);
    }
    return together;
  }

  private <V> Observed withTogether(
      Evidence<V> kind, List<PatchTokens.EncodedTile> parts, int tiles) {
    return with(
        kind,
        kind.together(
            parts.stream()
                .map(
                    part ->
                        new Evidence.Part<>(
                            part.tokens().evidence(kind),
                            part.tile(),
                            part.tokens().ofTile(part.tile()),
                            part.place()))
                .toList(),
            tiles));
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
