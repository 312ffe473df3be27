package dev.squint.pruner;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Attention logits q k / sqrt(d) of some queries for every token of the prompt before the softmax,
 * H times [R, S]; negative infinity where the causal mask hides a key. When visual tokens merge,
 * the logits of the representative are kept.
 *
 * @param perHead for each head [R, S]
 * @param visual indices of the visual tokens in the prompt, ascending, [N]
 */
public record PromptLogits(List<Matrix> perHead, int[] visual) {
  public PromptLogits {
    perHead = List.copyOf(perHead);
    visual = visual.clone();
  }

  @Override
  public int[] visual() {
    return visual.clone();
  }

  /** Number of tokens of the prompt, S. */
  public int tokens() {
    return perHead.get(0).cols();
  }

  /**
   * The logits of the reduced prompt.
   *
   * @param reduction of the visual tokens
   * @param queriesToo whether dropped tokens are also removed as queries
   */
  public PromptLogits reduced(TokenReduction reduction, boolean queriesToo) {
    boolean[] gone = new boolean[tokens()];
    IntStream.of(visual).forEach(token -> gone[token] = true);
    for (int kept : reduction.kept()) {
      gone[visual[kept]] = false;
    }
    int[] stay = IntStream.range(0, gone.length).filter(token -> !gone[token]).toArray();
    int[] place = new int[gone.length];
    for (int i = 0; i < stay.length; i++) {
      place[stay[i]] = i;
    }
    return new PromptLogits(
        perHead.stream().map(head -> (queriesToo ? head.rows(stay) : head).columns(stay)).toList(),
        IntStream.of(reduction.kept()).map(kept -> place[visual[kept]]).toArray());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PromptLogits logits
        && perHead.equals(logits.perHead)
        && Arrays.equals(visual, logits.visual);
  }

  @Override
  public int hashCode() {
    return 31 * perHead.hashCode() + Arrays.hashCode(visual);
  }

  @Override
  public String toString() {
    return "PromptLogits[%d tokens, %d of them visual]".formatted(tokens(), visual.length);
  }
}
