package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.method.depth.GammaMod;
import dev.squint.pruner.method.depth.PMod;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private static final ClsAttention LAST = new ClsAttention(-1);
  private static final ClsAttention FIRST = new ClsAttention(0);

  @Test
  void copiesCostNothingAndMergedTokensTheirTerms() {
    TokenReduction kept = TokenReduction.keep(4, new int[] {0, 2});
    TokenReduction merged =
        TokenReduction.merge(new int[] {0, 3}, new int[] {0, 0, 0, 1}, new int[] {1, 1, 1, 1});

    assertThat(kept.operations(10)).isZero();
    // A mean of three, weighted and summed, and a copy.
    assertThat(merged.operations(10)).isEqualTo(2 * 3 * 10);
  }

  @Test
  void evidenceCostsAsOftenAsItWasObserved() {
    Attention attention = Attention.of(new Matrix(1, 2, new float[2]));
    EvidenceSet observed =
        EvidenceSet.nothing().with(LAST, attention, 100).with(FIRST, attention, 30).after(5);
    PatchTokens tokens =
        PatchTokens.encoded(
            List.of(Tile.global(0, 1, 2)), new Matrix(2, 1, new float[2]), observed);

    assertThat(tokens.operations()).isEqualTo(135);
    assertThat(tokens.showingOnly(Set.of(FIRST)).operations()).isEqualTo(35);
    assertThat(tokens.reduced(TokenReduction.keep(2, new int[] {1})).operations()).isEqualTo(135);
  }

  @Test
  void aTileHasItsShareOfWhatThoseEncodedWithItCost() {
    Attention attention = Attention.of(new Matrix(1, 8, new float[8]));
    List<Tile> tiles = List.of(Tile.global(0, 1, 2), Tile.global(1, 2, 3));
    PatchTokens both =
        PatchTokens.encoded(
            tiles,
            new Matrix(8, 1, new float[8]),
            EvidenceSet.nothing().with(LAST, attention, 80).after(8));

    PatchTokens second =
        PatchTokens.together(
            List.of(Tile.global(0, 2, 3)), List.of(new PatchTokens.EncodedTile(both, 1, 0)));
    PatchTokens again =
        PatchTokens.together(
            tiles,
            List.of(
                new PatchTokens.EncodedTile(both, 0, 0), new PatchTokens.EncodedTile(both, 1, 1)));

    assertThat(second.operations()).isEqualTo(66);
    assertThat(again.operations()).isEqualTo(88);
  }

  @Test
  void attentionIsProductsAndASoftmax() {
    // 2 heads of 4, 3 queries, 5 keys: 2 * (2 * 3 * 5 * 4 + 4 * 3 * 5).
    assertThat(Operations.attention(2, 3, 5, 4)).isEqualTo(360);
  }

  @Test
  void routersCountTheirLogitsAndWhatTheyWeigh() {
    Matrix hidden = new Matrix(6, 8, new float[48]);
    LayerInput input = new LayerInput(1, hidden, new int[] {1, 2, 3, 4}, -1);
    PMod pmod = new PMod(new Matrix(2, 8, new float[16]), new float[2], new double[] {1, 0.5});
    GammaMod gamma =
        new GammaMod(
            new Matrix(2, 8, new float[16]),
            new Matrix(2, 8, new float[16]),
            1e-6,
            new GammaMod.Decides[] {GammaMod.Decides.NOTHING, GammaMod.Decides.EVERY_TOKEN},
            0.005,
            0.5,
            Continuation.RENUMBER);

    Routing routing = pmod.route(input);
    assertThat(pmod.operations(input, routing)).isEqualTo(2 * 4 * 8 + 4 * 4);
    // Two of the four pass by, weighed; four are processed, weighed and added.
    assertThat(routing.operations(8)).isEqualTo(8 * (2 * 4 + 2));
    assertThat(gamma.operations(input, gamma.route(input))).isEqualTo(4 * 6 * 8 + 7 * 6);
    LayerInput first = new LayerInput(0, hidden, new int[] {1}, -1);
    assertThat(gamma.operations(first, gamma.route(first))).isZero();
  }
}
