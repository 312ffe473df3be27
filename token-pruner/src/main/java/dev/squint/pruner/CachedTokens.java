package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The KV cache of one decoder layer, keys and values [kvHeads, N, headDim] each, with the evidence
 * about its rows. Key heads may hold different tokens, but all hold N rows.
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
   * @param tokens for each key head the index of each row's token in prompt and answer, ascending,
   *     [N]
   * @param visual for each token of the prompt before any reduction whether it is visual; its
   *     length is the prompt's
   * @param promptTokens rows of this layer after prefill; the shares of a budget refer to it
   * @throws IllegalArgumentException when the numbers of heads or rows do not match
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
          "keys, values and tokens must have the same number of heads but have %d, %d and %d"
              .formatted(keys.size(), values.size(), tokens.size()));
    }
    for (int h = 0; h < keys.size(); h++) {
      if (keys.get(h).rows() != rows()
          || values.get(h).rows() != rows()
          || tokens.get(h).length != rows()) {
        throw new IllegalArgumentException(
            "head %d has keys %s, values %s and %d tokens but must have %d rows"
                .formatted(h, keys.get(h), values.get(h), tokens.get(h).length, rows()));
      }
    }
    observed.check(rows());
  }

  /** Index of the decoder layer, from 0. */
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

  /** Index of the token of each row of a head in prompt and answer, ascending, [N]. */
  public int[] tokens(int head) {
    return tokens.get(head).clone();
  }

  /** Whether each row of a head belongs to a visual token, [N]. */
  public boolean[] visual(int head) {
    boolean[] is = new boolean[rows()];
    for (int i = 0; i < is.length; i++) {
      int token = tokens.get(head)[i];
      is[i] = token < visual.length && visual[token];
    }
    return is;
  }

  /** The same rows with other keys and values and no evidence, for example after lossy storage. */
  public CachedTokens with(List<Matrix> otherKeys, List<Matrix> otherValues) {
    return new CachedTokens(
        layer, otherKeys, otherValues, tokens, visual, promptTokens, EvidenceSet.nothing());
  }

  /** All evidence of the rows. */
  public EvidenceSet observed() {
    return observed;
  }

  /** Rows of this layer after prefill; the shares of a budget refer to it. */
  public int promptTokens() {
    return promptTokens;
  }

  /**
   * Number of rows to keep under a budget. A share is of the rows after prefill, but a share of 1
   * keeps those of the answer too; a number counts all rows, including those of the answer.
   */
  public int rowsOf(Budget budget) {
    if (budget instanceof Budget.Ratio ratio && ratio.keep() == 1) {
      return Math.max(promptTokens, rows());
    }
    return budget instanceof Budget.Count count ? count.tokens() : budget.tokens(promptTokens);
  }

  /**
   * One kind of evidence.
   *
   * @throws IllegalStateException when it was not observed, or the policy does not declare it
   */
  public <V> V evidence(Evidence<V> kind) {
    return observed.get(kind);
  }

  /** The same cache with only these kinds of evidence. */
  public CachedTokens showingOnly(Set<Evidence<?>> kinds) {
    return new CachedTokens(
        layer, keys, values, tokens, visual, promptTokens, observed.only(kinds));
  }

  /**
   * The cache after a reduction of its rows, with the evidence that is still valid for them ({@link
   * Evidence#reducedPerHead}).
   *
   * @param rows for each key head the reduction of its rows; all keep the same number
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
