package dev.squint.llm.prompt;

import static dev.squint.llm.prompt.PictureText.LINE_BREAK;
import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.testing.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnyResPictureTextTest {
  // One rounding.
  private static final Tolerance MEAN = Tolerance.relative(2e-7);

  private static final AnyResPictureText ROWS = new AnyResPictureText("<i>", true, 9);

  @Test
  void crops_areWrittenRowByRowOverAllOfThem() {
    // The global view has tokens 0 to 3, the left crop 4 to 7, the right one 8 to 11.
    assertThat(ROWS.slots(tiles(row -> true)))
        .containsExactly(0, 1, 2, 3, 4, 5, 8, 9, LINE_BREAK, 6, 7, 10, 11, LINE_BREAK);
    assertThat(ROWS.of(tiles(row -> true))).isEqualTo("<i>".repeat(14));
  }

  @Test
  void withoutTheVector_rowsAreNotEnded() {
    assertThat(new AnyResPictureText("<i>", false, 9).slots(tiles(row -> true)))
        .containsExactly(0, 1, 2, 3, 4, 5, 8, 9, 6, 7, 10, 11);
  }

  @Test
  void rowThatHasLostAllItsTokens_isNotEnded() {
    // Of each tile the second row is gone.
    assertThat(ROWS.slots(tiles(row -> row == 0))).containsExactly(0, 1, 2, 3, 4, 5, LINE_BREAK);
    assertThat(ROWS.slots(tiles(row -> false))).isEmpty();
  }

  @Test
  void pictureSoNarrowThatItsCropsArePadding_endsTheirRowsAllTheSame() {
    List<TileTokens> tiles = new ArrayList<>(tiles(row -> true).subList(0, 1));
    for (int row = 0; row < 2; row++) {
      Tile.Crop crop = new Tile.Crop(row, 0, 2, 1);
      tiles.add(new TileTokens(new Tile(0, 2, 2, crop, new Tile.Area(0, 1, 2, 1)), List.of()));
    }

    assertThat(ROWS.slots(tiles))
        .containsExactly(0, 1, 2, 3, LINE_BREAK, LINE_BREAK, LINE_BREAK, LINE_BREAK);
    TileTokens gone = new TileTokens(tiles.get(0).tile(), List.of());
    assertThat(ROWS.slots(List.of(gone, tiles.get(1), tiles.get(2)))).isEmpty();
  }

  @Test
  void pictureWithoutCrops_isOneRow() {
    List<TileTokens> whole = tiles(row -> true).subList(0, 1);
    assertThat(ROWS.slots(whole)).containsExactly(0, 1, 2, 3, LINE_BREAK);
  }

  @Test
  void paddingOfCrops_isNotGiven() {
    Tile.Area left = new Tile.Area(0, 0, 2, 1);
    Tile padded = new Tile(0, 2, 2, new Tile.Crop(0, 1, 1, 2), left);
    List<Tile> tiles = List.of(Tile.global(0, 2, 2), Tile.crop(0, 2, 2, crop(0, 2)), padded);

    assertThat(ROWS.given(tokens(tiles)).kept()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 10);
  }

  @Test
  void manyTokens_areShrunkWithTheirCentresAligned() {
    // 2 x 4 tokens for one tile of 2 x 2: the ratio is the root of 2, which leaves 1 x 2.
    List<Tile> tiles =
        List.of(
            Tile.global(0, 2, 2), Tile.crop(0, 2, 2, crop(0, 2)), Tile.crop(0, 2, 2, crop(1, 2)));
    TokenReduction given = new AnyResPictureText("<i>", true, 1).given(tokens(tiles));

    assertThat(given.kept()).containsExactly(0, 1, 2, 3, 4, 8);
    float[] features = given.apply(tokens(tiles).features()).data();
    assertClose(features[4], (4 + 5 + 6 + 7) / 4.0, MEAN, "mean of the first crop");
    assertClose(features[5], (8 + 9 + 10 + 11) / 4.0, MEAN, "mean of the second crop");
    assertThat(given.target()).containsExactly(0, 1, 2, 3, 4, 4, 4, 4, 5, 5, 5, 5);
  }

  @Test
  void cropsThatWereNotEncoded_leaveHoles() {
    List<Tile> tiles =
        List.of(
            Tile.global(0, 2, 2), Tile.crop(0, 2, 2, crop(0, 2)), Tile.crop(0, 2, 2, crop(1, 2)));
    int[] encoded = {0, 1, 2, 3, 8, 9, 10, 11};
    PatchTokens some = tokens(tiles).reduced(TokenReduction.keep(12, encoded));

    assertThat(ROWS.given(some).isIdentity()).isTrue();
    assertThat(new AnyResPictureText("<i>", true, 1).given(some).after()).isEqualTo(8);
  }

  private static Tile.Crop crop(int col, int cols) {
    return new Tile.Crop(0, col, 1, cols);
  }

  private static PatchTokens tokens(List<Tile> tiles) {
    int count = tiles.stream().mapToInt(Tile::tokens).sum();
    float[] numbers = new float[count];
    IntStream.range(0, count).forEach(i -> numbers[i] = i);
    return PatchTokens.encoded(tiles, new Matrix(count, 1, numbers), EvidenceSet.nothing());
  }

  private interface Rows {
    boolean left(int row);
  }

  /** A global view and two crops beside each other of 2 x 2 tokens, some rows of the crops left. */
  private static List<TileTokens> tiles(Rows rows) {
    List<Tile> tiles =
        List.of(
            Tile.global(0, 2, 2), Tile.crop(0, 2, 2, crop(0, 2)), Tile.crop(0, 2, 2, crop(1, 2)));
    List<TileTokens> left = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      int tile = t;
      left.add(
          new TileTokens(
              tiles.get(t),
              IntStream.range(0, 4)
                  .mapToObj(i -> new TokenPosition(0, tile, i / 2, i % 2))
                  .filter(place -> rows.left(place.row()))
                  .toList()));
    }
    return left;
  }
}
