package dev.squint.pruner;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.testing.Tolerance;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatchTokensTest {
  // One sum of floats.
  private static final Tolerance ONE_ROUNDING = Tolerance.relative(2e-7);
  private static final ClsAttention LAST = new ClsAttention(-1);

  @Test
  void tokensComeTileAfterTileRowByRow() {
    PatchTokens tokens = encoded(List.of(Tile.global(0, 1, 2), Tile.global(1, 2, 1)));

    assertThat(tokens.positions())
        .containsExactly(
            new TokenPosition(0, 0, 0, 0),
            new TokenPosition(0, 0, 0, 1),
            new TokenPosition(1, 1, 0, 0),
            new TokenPosition(1, 1, 1, 0));
    assertThat(tokens.ofTile(1)).containsExactly(2, 3);
    assertThat(tokens.patches()).containsExactly(1, 1, 1, 1);
  }

  @Test
  void everythingThatIsKnownShrinksTogether() {
    PatchTokens tokens = encoded(List.of(Tile.global(0, 2, 2)));

    PatchTokens fewer =
        tokens.reduced(
            TokenReduction.merge(new int[] {1, 3}, new int[] {0, 0, -1, 1}, tokens.patches()));

    assertThat(fewer.positions())
        .containsExactly(new TokenPosition(0, 0, 0, 1), new TokenPosition(0, 0, 1, 1));
    assertThat(fewer.patches()).containsExactly(2, 1);
    assertThat(fewer.features()).isEqualTo(Matrix.of(new float[] {0.5f}, new float[] {3}));
    assertClose(
        fewer.evidence(LAST).perHead().row(0), new float[] {0.3f, 0.4f}, ONE_ROUNDING, "attention");
    assertThat(fewer.evidence(new QuestionEmbeddings()).rows()).isEqualTo(2);
  }

  @Test
  void aTileIsSeenAlone() {
    PatchTokens tile = encoded(List.of(Tile.global(0, 1, 2), Tile.global(1, 1, 2))).tile(1);

    assertThat(tile.features()).isEqualTo(Matrix.of(new float[] {2}, new float[] {3}));
    assertThat(tile.evidence(LAST).meanOverHeads()).containsExactly(0.3f, 0.4f);
  }

  @Test
  void refusesNumbersThatDoNotMatch() {
    List<Tile> tiles = List.of(Tile.global(0, 2, 2));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> PatchTokens.encoded(tiles, new Matrix(3, 1, new float[3]), EvidenceSet.nothing()))
        .withMessage("1 tiles have 4 tokens but the encoder returned 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoded(tiles).with(LAST, Attention.of(new Matrix(1, 3, new float[3]))))
        .withMessage("ClsAttention[layer=-1] has values for 3 tokens but there are 4");
  }

  /** Four tokens with features 0, 1, 2, 3 and attention 0.1, 0.2, 0.3, 0.4. */
  private static PatchTokens encoded(List<Tile> tiles) {
    return PatchTokens.encoded(
        tiles,
        new Matrix(4, 1, new float[] {0, 1, 2, 3}),
        EvidenceSet.nothing()
            .with(LAST, Attention.of(Matrix.of(new float[] {0.1f, 0.2f, 0.3f, 0.4f})))
            .with(new QuestionEmbeddings(), Matrix.of(new float[] {1}, new float[] {2})));
  }
}
