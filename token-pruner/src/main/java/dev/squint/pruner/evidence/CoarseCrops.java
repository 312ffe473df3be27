package dev.squint.pruner.evidence;

import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenPosition;
import java.util.Set;

/**
 * The encoded tokens of some crops of a coarser level of a pyramid, which has half the height and
 * width of the crops to choose from, with some evidence about them. All tiles of the level are
 * listed; those that were not encoded and the global views have no tokens. Pictures whose coarser
 * level has no crops are missing.
 *
 * @param choice selects the crops of the coarser level that are encoded; it may read {@link
 *     GlobalViews}
 * @param share share of the crops of the coarser level that are encoded, in (0, 1]
 * @param showing kinds of evidence about the tokens, none of the encoder
 */
public record CoarseCrops(Pruner<CropTokens> choice, double share, Set<Evidence<?>> showing)
    implements EncodedFirst {

  /** Copies the set. */
  public CoarseCrops {
    showing = Set.copyOf(showing);
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("coarse must be in (0, 1] but was " + share);
    }
    if (showing.stream().anyMatch(shown -> shown.source() == Evidence.Source.ENCODER)) {
      throw new IllegalArgumentException(
          "crops of a coarser level show no evidence of the encoder but %s was asked for"
              .formatted(showing));
    }
  }

  @Override
  public void check(PatchTokens value, int tokens) {
    for (TokenPosition position : value.positions()) {
      if (value.tiles().get(position.tile()).isGlobal()) {
        throw new IllegalArgumentException(
            "the coarser level must not contain tokens of global views but has %s"
                .formatted(position));
      }
    }
  }

  @Override
  public String toString() {
    return "CoarseCrops[choice=%s, share=%s, showing=%s]".formatted(choice, share, shown());
  }
}
