package dev.squint.pruner.method.depth;

import dev.squint.pruner.ExitSchedule;
import java.util.stream.IntStream;

/**
 * Later tokens of an answer run through fewer layers: some bottom layers and the top ones.
 * SkipDecode (arXiv 2307.02628, our reading); its models are tuned for it.
 *
 * <p>The number of layers falls linearly from the first token to the last. The layers of a token
 * are a subset of those of every earlier token, so each layer has the cache rows that it needs.
 *
 * @param bottom number of bottom layers that process every token, at least 1
 * @param most layers of the prompt and of the first token, as a share of the decoder's layers
 * @param fewest layers of the last token, as a share of the decoder's layers
 * @param answer number of tokens over which the layers fall to {@code fewest}; later tokens use
 *     {@code fewest}
 */
public record SkipDecode(int bottom, double most, double fewest, int answer)
    implements ExitSchedule {
  public SkipDecode {
    if (bottom < 1 || !(0 < fewest && fewest <= most && most <= 1) || answer < 1) {
      throw new IllegalArgumentException(
          "skipdecode requires 1 <= bottom, 0 < fewest <= most <= 1 and 1 <= answer but they were %d, %s, %s and %d"
              .formatted(bottom, fewest, most, answer));
    }
  }

  /**
   * Layers that process a token, ascending.
   *
   * @param layers number of layers of the decoder, L
   * @param generated index of the token in the answer, from 0; -1 for tokens of the prompt
   * @throws IllegalArgumentException if the decoder has too few layers for the bottom and one more
   */
  @Override
  public int[] active(int layers, int generated) {
    int first = rounded(most * layers);
    int last = rounded(fewest * layers);
    if (last <= bottom) {
      throw new IllegalArgumentException(
          "fewest=%s of %d layers gives %d layers, and bottom=%d leaves none at the top; raise fewest or lower bottom"
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
   * Cut points of the decoder: the numbers of layers after which some token starts or stops
   * skipping layers, ascending.
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
