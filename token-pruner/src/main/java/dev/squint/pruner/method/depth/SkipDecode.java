package dev.squint.pruner.method.depth;

import dev.squint.pruner.ExitSchedule;
import java.util.stream.IntStream;

/**
 * Later tokens of an answer pass through fewer layers: some bottom ones and the top ones.
 * SkipDecode (arXiv 2307.02628, our reading), whose models are tuned for it.
 *
 * <p>The number falls evenly from the first token to the last; as the layers of a token are among
 * those of every earlier one, each has the cache that it needs.
 *
 * @param bottom layers at the bottom that every token passes through, at least 1
 * @param most layers of the prompt and of the first token, as a share of the decoder's
 * @param fewest layers of the last token, as a share of the decoder's
 * @param answer tokens of the longest answer; later ones pass through as many layers as its last
 */
public record SkipDecode(int bottom, double most, double fewest, int answer)
    implements ExitSchedule {
  public SkipDecode {
    if (bottom < 1 || !(0 < fewest && fewest <= most && most <= 1) || answer < 1) {
      throw new IllegalArgumentException(
          "it must hold that 1 <= bottom, 0 < fewest <= most <= 1 and 1 <= answer but these were %d, %s, %s and %d"
              .formatted(bottom, fewest, most, answer));
    }
  }

  /**
   * The bottom layers and as many top ones as the token has left.
   *
   * @throws IllegalArgumentException if the decoder has too few layers for the bottom and one more
   */
  @Override
  public int[] active(int layers, int generated) {
    int first = rounded(most * layers);
    int last = rounded(fewest * layers);
    if (last <= bottom) {
      throw new IllegalArgumentException(
          "fewest=%s of %d layers are %d, of which %d at the bottom leave none at the top; raise fewest or lower bottom"
              .formatted(fewest, layers, last, bottom));
    }
    int count = first;
    if (generated > 0) {
      double part = Math.min(1, (double) generated / Math.max(1, answer - 1));
      count = rounded(first + part * (last - first));
    }
    int top = layers - (count - bottom);
    return IntStream.concat(IntStream.range(0, bottom), IntStream.range(top, layers)).toArray();
  }

  private static int rounded(double layers) {
    return (int) Math.floor(layers + 0.5);
  }

  /**
   * After how many layers of a decoder some token passes others by or comes back, ascending.
   *
   * @throws IllegalArgumentException if the decoder has too few layers
   */
  public int[] places(int layers) {
    return IntStream.range(-1, answer)
        .map(generated -> active(layers, generated)[bottom])
        .flatMap(top -> IntStream.of(bottom, top))
        .filter(place -> place < layers)
        .sorted()
        .distinct()
        .toArray();
  }
}
