package dev.squint.pruner.method;

import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Routing;
import java.util.stream.IntStream;

/**
 * Later tokens of an answer pass through fewer layers: some bottom ones and the top ones.
 * SkipDecode (arXiv 2307.02628, our reading), whose models are tuned for it.
 *
 * <p>The number falls evenly from the first token to the last; as the layers of a token are among
 * those of every earlier one, each has the cache that it needs.
 *
 * @param layers layers of the decoder, L
 * @param bottom layers at the bottom that every token passes through
 * @param most layers of the prompt and of the first token
 * @param fewest layers of the last token
 * @param answer tokens of the longest answer
 */
public record SkipDecode(int layers, int bottom, int most, int fewest, int answer)
    implements LayerRouter {
  public SkipDecode {
    if (!(0 <= bottom && bottom <= fewest && fewest <= most && most <= layers) || answer < 1) {
      throw new IllegalArgumentException(
          "it must hold that 0 <= bottom <= fewest <= most <= layers and 1 <= answer but these were %d, %d, %d, %d and %d"
              .formatted(bottom, fewest, most, layers, answer));
    }
  }

  @Override
  public Routing route(LayerInput input) {
    int tokens = input.hidden().rows();
    return IntStream.of(active(input.generated())).anyMatch(layer -> layer == input.layer())
        ? Routing.everything(tokens)
        : Routing.nothing(tokens);
  }

  /** It goes by the number of the token alone. */
  @Override
  public double operations(LayerInput input, Routing routing) {
    return 0;
  }

  /**
   * Layers that a token passes through, ascending.
   *
   * @param generated number of the token, from 0; -1 for those of the prompt
   */
  public int[] active(int generated) {
    int count = most;
    if (generated > 0) {
      int last = Math.max(1, answer - 1);
      double part = Math.min(1, (double) generated / last);
      count = (int) Math.floor(most + part * (fewest - most) + 0.5);
    }
    int top = layers - (count - bottom);
    return IntStream.concat(IntStream.range(0, bottom), IntStream.range(top, layers)).toArray();
  }
}
