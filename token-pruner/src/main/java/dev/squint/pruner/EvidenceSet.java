package dev.squint.pruner;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The evidence that came with a set of tokens. Immutable. */
public final class EvidenceSet {
  private static final EvidenceSet NOTHING = new EvidenceSet(Map.of(), 0);

  private final Map<Evidence<?>, Value<?>> values;
  private final double before;

  private EvidenceSet(Map<Evidence<?>, Value<?>> values, double before) {
    this.values = values;
    this.before = before;
  }

  public static EvidenceSet nothing() {
    return NOTHING;
  }

  /** This and one more that comes with what the model computes anyway. */
  public <V> EvidenceSet with(Evidence<V> evidence, V value) {
    return with(evidence, value, 0);
  }

  /**
   * This and one more.
   *
   * @param operations that it took beside what the model computes anyway, {@link Operations}
   */
  public <V> EvidenceSet with(Evidence<V> evidence, V value, double operations) {
    Map<Evidence<?>, Value<?>> more = new LinkedHashMap<>(values);
    more.put(evidence, new Value<>(evidence, value, operations));
    return new EvidenceSet(more, before);
  }

  /** The same where there are these tokens only after so many operations, as for merging some. */
  public EvidenceSet after(double operations) {
    return new EvidenceSet(values, before + operations);
  }

  /** Operations that all of it took beside what the model computes anyway, {@link Operations}. */
  public double operations() {
    return before + values.values().stream().mapToDouble(Value::operations).sum();
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
  public EvidenceSet only(Collection<Evidence<?>> kinds) {
    Map<Evidence<?>, Value<?>> fewer = new LinkedHashMap<>(values);
    fewer.keySet().retainAll(kinds);
    return new EvidenceSet(fewer, before);
  }

  EvidenceSet reduced(TokenReduction reduction) {
    Map<Evidence<?>, Value<?>> reduced = new LinkedHashMap<>();
    values.forEach((evidence, value) -> reduced.put(evidence, value.reduced(reduction)));
    return new EvidenceSet(reduced, before);
  }

  /**
   * The evidence that still holds for the rows left of a layer's cache, each key head by itself.
   */
  EvidenceSet reducedPerHead(List<TokenReduction> heads) {
    EvidenceSet reduced = NOTHING;
    for (Value<?> value : values.values()) {
      reduced = value.reducedPerHead(heads, reduced);
    }
    return reduced;
  }

  /** The evidence of tiles that were encoded apart, put together. */
  static EvidenceSet together(List<PatchTokens.EncodedTile> parts, int tiles) {
    Set<Evidence<?>> kinds = parts.get(0).tokens().evidenceKinds();
    EvidenceSet together =
        nothing()
            .after(
                parts.stream()
                    .mapToDouble(part -> part.tokens().observed().before * share(part))
                    .sum());
    for (Evidence<?> kind : kinds) {
      together = together.withTogether(kind, parts, tiles);
    }
    return together;
  }

  private <V> EvidenceSet withTogether(
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
            tiles),
        parts.stream().mapToDouble(part -> operations(kind, part)).sum());
  }

  private static double operations(Evidence<?> kind, PatchTokens.EncodedTile part) {
    Value<?> value = part.tokens().observed().values.get(kind);
    return value == null ? 0 : value.operations * share(part);
  }

  /** A tile's part of what it and those encoded with it took: they are alike but for their size. */
  private static double share(PatchTokens.EncodedTile part) {
    return (double) part.tokens().ofTile(part.tile()).length / Math.max(1, part.tokens().size());
  }

  /** Bytes of all values. */
  long bytes() {
    return values.values().stream().mapToLong(Value::bytes).sum();
  }

  void check(int tokens) {
    values.values().forEach(value -> value.check(tokens));
  }

  private record Value<V>(Evidence<V> evidence, V value, double operations) {
    Value<V> reduced(TokenReduction reduction) {
      return new Value<>(evidence, evidence.reduced(value, reduction), operations);
    }

    EvidenceSet reducedPerHead(List<TokenReduction> heads, EvidenceSet others) {
      return evidence
          .reducedPerHead(value, heads)
          .map(reduced -> others.with(evidence, reduced))
          .orElse(others);
    }

    long bytes() {
      return evidence.bytes(value);
    }

    void check(int tokens) {
      evidence.check(value, tokens);
    }
  }
}
