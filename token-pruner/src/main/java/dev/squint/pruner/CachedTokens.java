package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The KV cache of one decoder layer, keys and values [kvHeads, N, headDim] each, with what is known
 * of its rows. Key heads may hold different tokens, but as many.
 */
public final class CachedTokens {
  private final int layer;
  private final List<Matrix> keys;
  private final List<Matrix> values;
  private final List<int[]> tokens;
  private final boolean[] visual;
  private final int promptTokens;
  private final EvidenceSet observed;

  /**
   * @param layer which decoder layer, from 0
   * @param keys for each key head [N, headDim], as attention reads them
   * @param values for each key head [N, headDim]
   * @param tokens for each key head which token of the prompt or answer each row is of, ascending,
   *     [N]
   * @param visual which tokens of the prompt are visual ones, as it was before anything was
   *     dropped; its length is the prompt's
   * @param promptTokens rows of this layer after prefill, which shares of a budget are of
   * @throws IllegalArgumentException when the numbers do not match
   */
  public CachedTokens(
      int layer,
      List<Matrix> keys,
      List<Matrix> values,
      List<int[]> tokens,
      boolean[] visual,
      int promptTokens,
      EvidenceSet observed) {
    this.layer = layer;
    this.keys = List.copyOf(keys);
    this.values = List.copyOf(values);
    this.tokens = tokens.stream().map(int[]::clone).toList();
    this.visual = visual.clone();
    this.promptTokens = promptTokens;
    this.observed = observed;
    if (keys.isEmpty() || values.size() != keys.size() || tokens.size() != keys.size()) {
      throw new IllegalArgumentException(
          "%d heads have keys, %d values and %d tokens"
              .formatted(keys.size(), values.size(), tokens.size()));
    }
    for (int h = 0; h < keys.size(); h++) {
      if (keys.get(h).rows() != rows()
          || values.get(h).rows() != rows()
          || tokens.get(h).length != rows()) {
        throw new IllegalArgumentException(
            "head %d has keys %s, values %s and %d tokens where there are %d rows"
                .formatted(h, keys.get(h), values.get(h), tokens.get(h).length, rows()));
      }
    }
    observed.check(rows());
  }

  /** Which decoder layer, from 0. */
  public int layer() {
    return layer;
  }

  /** Number of key heads. */
  public int heads() {
    return keys.size();
  }

  /** Rows of each head, N. */
  public int rows() {
    return keys.get(0).rows();
  }

  /** For each key head [N, headDim]. */
  public List<Matrix> keys() {
    return keys;
  }

  /** For each key head [N, headDim]. */
  public List<Matrix> values() {
    return values;
  }

  /** Which token of the prompt or answer each row of a head is of, ascending, [N]. */
  public int[] tokens(int head) {
    return tokens.get(head).clone();
  }

  /** Whether each row of a head is of a visual token, [N]. */
  public boolean[] visual(int head) {
    boolean[] is = new boolean[rows()];
    for (int i = 0; i < is.length; i++) {
      int token = tokens.get(head)[i];
      is[i] = token < visual.length && visual[token];
    }
    return is;
  }

  /** The same rows with other keys and values and no evidence, such as after a lossy storage. */
  public CachedTokens with(List<Matrix> otherKeys, List<Matrix> otherValues) {
    return new CachedTokens(
        layer, otherKeys, otherValues, tokens, visual, promptTokens, EvidenceSet.nothing());
  }

  /** All evidence of the rows. */
  public EvidenceSet observed() {
    return observed;
  }

  /** Rows of this layer after prefill, which shares of a budget are of. */
  public int promptTokens() {
    return promptTokens;
  }

  /**
   * Rows that a budget names: a share is of the rows after prefill, a number is of all rows, those
   * of the answer too.
   */
  public int rowsOf(Budget budget) {
    return budget instanceof Budget.Count count ? count.tokens() : budget.tokens(promptTokens);
  }

  /**
   * One kind of evidence.
   *
   * @throws IllegalStateException when it was not observed, or not declared by the policy that asks
   */
  public <V> V evidence(Evidence<V> kind) {
    return observed.get(kind);
  }

  /** The same cache with no other evidence than these kinds. */
  public CachedTokens showingOnly(Set<Evidence<?>> kinds) {
    return new CachedTokens(
        layer, keys, values, tokens, visual, promptTokens, observed.only(kinds));
  }

  /**
   * What is left after the decision about rows, with the evidence that still holds for them ({@link
   * Evidence#reducedPerHead}).
   *
   * @param rows for each key head what becomes of its rows, all leaving as many
   */
  public CachedTokens reduced(List<TokenReduction> rows) {
    List<Matrix> fewerKeys = new ArrayList<>();
    List<Matrix> fewerValues = new ArrayList<>();
    List<int[]> fewerTokens = new ArrayList<>();
    for (int h = 0; h < heads(); h++) {
      int[] of = tokens.get(h);
      fewerKeys.add(rows.get(h).apply(keys.get(h)));
      fewerValues.add(rows.get(h).apply(values.get(h)));
      fewerTokens.add(Arrays.stream(rows.get(h).kept()).map(i -> of[i]).toArray());
    }
    return new CachedTokens(
        layer,
        fewerKeys,
        fewerValues,
        fewerTokens,
        visual,
        promptTokens,
        observed.reducedPerHead(rows));
  }

  @Override
  public String toString() {
    return "CachedTokens[layer %d, %d heads of %d rows, %s]"
        .formatted(layer, heads(), rows(), observed.kinds());
  }
}
