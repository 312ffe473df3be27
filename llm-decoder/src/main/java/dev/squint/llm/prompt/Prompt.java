package dev.squint.llm.prompt;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.pruner.TokenReduction;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * A conversation as the model reads it.
 *
 * @param text what was tokenised, a placeholder for each visual token
 * @param ids token ids, [S]
 * @param visual where each visual token stands among them, [N]; ascending unless crops are written
 *     row by row over all of them
 * @param lineBreaks where the vectors stand that end rows of visual tokens, separate crops from the
 *     global view (Phi-3.5-vision), or show a whole picture (Florence-2), ascending
 * @param vectors which of the model's vectors stands at each of these places: 0 for the end of a
 *     row, 1 for the separator
 * @param positions where the model counts the tokens, [A, S]
 * @param nextPosition position of the first token that is generated
 */
public record Prompt(
    String text,
    long[] ids,
    int[] visual,
    int[] lineBreaks,
    int[] vectors,
    PositionIds positions,
    long nextPosition) {

  /** How many tokens of text follow on the last picture; 0 if there are no pictures. */
  public int textAfter() {
    int last = IntStream.concat(IntStream.of(visual), IntStream.of(lineBreaks)).max().orElse(-1);
    return last < 0 ? 0 : ids.length - 1 - last;
  }

  /**
   * The same without some of the visual tokens; all others stay at their positions.
   *
   * @param reduction the reduction of the visual tokens, [N] to [N']
   */
  public Prompt without(TokenReduction reduction) {
    BitSet left = new BitSet(ids.length);
    left.set(0, ids.length);
    IntStream.of(visual).forEach(left::clear);
    IntStream.of(reduction.kept()).forEach(token -> left.set(visual[token]));
    int[] rows = left.stream().toArray();
    int[] place = new int[ids.length];
    for (int i = 0; i < rows.length; i++) {
      place[rows[i]] = i;
    }
    return new Prompt(
        text,
        IntStream.of(rows).mapToLong(row -> ids[row]).toArray(),
        IntStream.of(reduction.kept()).map(token -> place[visual[token]]).toArray(),
        IntStream.of(lineBreaks).map(row -> place[row]).toArray(),
        vectors,
        positions.of(rows),
        nextPosition);
  }
}
