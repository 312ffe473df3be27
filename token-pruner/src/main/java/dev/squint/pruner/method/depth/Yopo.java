package dev.squint.pruner.method.depth;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerSchedule;
import dev.squint.pruner.TokenPosition;
import java.util.Set;

/**
 * Which visual attention a decoder can skip for every input. YOPO ("Treat visual tokens as text?",
 * arXiv 2410.06169); its models were trained with it.
 *
 * <p>Visual tokens attend only to their neighbours in the picture. In the deepest layers no token
 * attends to visual tokens, which equals dropping them there. The authors' third strategy, heads
 * that attend to no visual token, is carried out on a package ({@link InactiveHeads}).
 *
 * @param from share of the layers after which all visual tokens are dropped, in (0, 1)
 * @param window width of the neighbourhood, 5 in the paper; an even one counts as one less; 0 where
 *     visual tokens attend as the graph lets them
 */
public record Yopo(double from, int window) implements LayerSchedule {

  public Yopo {
    if (!(from > 0 && from < 1) || window < 0) {
      throw new IllegalArgumentException(
          "from must be in (0, 1) and window at least 0 but they were %s and %d"
              .formatted(from, window));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of();
  }

  @Override
  public String places(int layers) {
    if (layers == 1) {
      throw new IllegalArgumentException("the decoder has one layer, which has all tokens");
    }
    long place = Math.max(1, Math.min(layers - 1, Math.round(from * layers)));
    return "layer%d:uniform-grid(tokens=0)".formatted(place);
  }

  /** The same for every number of tokens. */
  @Override
  public String plan(int layers, int tokens) {
    return places(layers);
  }

  /** Whether visual tokens attend to their neighbours alone. */
  public boolean seesNeighboursOnly() {
    return window > 0;
  }

  /**
   * Whether a visual token attends to another: at most half a window away in rows and in columns of
   * the same tile. As in the authors' code it may be a later one, which causal attention would
   * hide.
   */
  public boolean sees(TokenPosition query, TokenPosition key) {
    int reach = (window - 1) / 2;
    return query.tile() == key.tile()
        && Math.abs(query.row() - key.row()) <= reach
        && Math.abs(query.col() - key.col()) <= reach;
  }
}
