package dev.squint.pruner;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The evidence about a set of tokens. Immutable. */
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

  /** This set and one more kind, which the model computes anyway. */
  public <V> EvidenceSet with(Evidence<V> evidence, V value) {
    return with(evidence, value, 0);
  }

  /**
   * This set and one more kind.
   *
   * @param operations additional {@link Operations}, beyond what the model computes anyway
   */
  public <V> EvidenceSet with(Evidence<V> evidence, V value, double operations) {
    Map<Evidence<?>, Value<?>> more = new LinkedHashMap<>(values);
    more.put(evidence, new Value<>(evidence, value, operations));
    return new EvidenceSet(more, before);
  }

  /**
   * This set with additional {@link Operations} for the tokens themselves, for example for merging.
   */
  public EvidenceSet after(double operations) {
    return new EvidenceSet(values, before + operations);
  }

  /** Additional {@link Operations} of all evidence, beyond what the model computes anyway. */
  public double operations() {
    return before + values.values().stream().mapToDouble(Value::operations).sum();
  }

  /** The kinds in this set. */
  public Set<Evidence<?>> kinds() {
    return values.keySet();
  }

  /**
   * The value of one kind.
   *
   * @throws IllegalStateException when it was not observed, or the method does not declare it
   */
  @SuppressWarnings("unchecked") // with() pairs each kind with its own type of value.
  public <V> V get(Evidence<V> evidence) {
    Value<?> value = values.get(evidence);
    if (value == null) {
      throw new IllegalStateException(
          "%s was not observed, or needs() does not declare it; available are %s"
              .formatted(evidence, values.keySet()));
    }
    return (V) value.value;
  }

  /** This set restricted to the given kinds; kinds that are not in it are ignored. */
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
   * The evidence that is still valid for the remaining rows of a layer's cache, for each key head
   * separately.
   */
  EvidenceSet reducedPerHead(List<TokenReduction> heads) {
    EvidenceSet reduced = NOTHING;
    for (Value<?> value : values.values()) {
      reduced = value.reducedPerHead(heads, reduced);
    }
    return reduced;
  }

  /** Joins the evidence of tiles that were encoded separately. */
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

  /** A tile's share of the operations of the tiles encoded with it, in proportion to its tokens. */
  private static double share(PatchTokens.EncodedTile part) {
    return (double) part.tokens().ofTile(part.tile()).length / Math.max(1, part.tokens().size());
  }

  /** The evidence about the same tokens in another order. */
  EvidenceSet ordered(int[] order, List<TokenPosition> positions, int tiles) {
    EvidenceSet ordered = nothing().after(before);
    for (Value<?> value : values.values()) {
      ordered = value.ordered(order, positions, tiles, ordered);
    }
    return ordered;
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

    EvidenceSet ordered(int[] order, List<TokenPosition> positions, int tiles, EvidenceSet others) {
      List<Evidence.Part<V>> parts =
          IntStream.of(order)
              .mapToObj(
                  token -> {
                    int tile = positions.get(token).tile();
                    return new Evidence.Part<>(value, tile, new int[] {token}, tile);
                  })
              .toList();
      return others.with(evidence, evidence.together(parts, tiles), operations);
    }

    long bytes() {
      return evidence.bytes(value);
    }

    void check(int tokens) {
      evidence.check(value, tokens);
    }
  }
}
