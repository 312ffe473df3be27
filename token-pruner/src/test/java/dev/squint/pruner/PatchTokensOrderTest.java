package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens of a tile that was encoded in two parts. */
class PatchTokensOrderTest {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final EncoderHidden HIDDEN = new EncoderHidden(-1);

  @Test
  void tokensOfTwoParts_areBroughtIntoReadingOrder_withTheirEvidence() {
    List<Tile> tile = List.of(Tile.global(0, 2, 2));
    PatchTokens all =
        PatchTokens.encoded(tile, new Matrix(4, 1, new float[] {0, 1, 2, 3}), EvidenceSet.nothing())
            .with(
                ATTENTION,
                Attention.of(new Matrix(2, 4, new float[] {0, 1, 2, 3, 10, 11, 12, 13})),
                7)
            .with(HIDDEN, new Matrix(4, 1, new float[] {0, 10, 20, 30}));
    PatchTokens first = all.reduced(TokenReduction.keep(4, new int[] {1, 3}));
    PatchTokens rest = all.reduced(TokenReduction.keep(4, new int[] {0, 2}));
    PatchTokens joined =
        PatchTokens.together(
            tile,
            List.of(
                new PatchTokens.EncodedTile(first, 0, 0), new PatchTokens.EncodedTile(rest, 0, 0)));
    assertThat(joined.features().data()).containsExactly(1, 3, 0, 2);

    PatchTokens ordered = joined.inReadingOrder();

    assertThat(ordered.features().data()).containsExactly(0, 1, 2, 3);
    assertThat(ordered.positions()).isEqualTo(all.positions());
    assertThat(ordered.evidence(ATTENTION).perHead()).isEqualTo(all.evidence(ATTENTION).perHead());
    assertThat(ordered.evidence(HIDDEN)).isEqualTo(all.evidence(HIDDEN));
    assertThat(ordered.operations()).isEqualTo(joined.operations());
    assertThat(ordered.inReadingOrder()).isSameAs(ordered);
  }
}
