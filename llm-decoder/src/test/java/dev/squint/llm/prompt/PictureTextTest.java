package dev.squint.llm.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PictureTextTest {

  private static final PictureText IDEFICS3 = new Idefics3PictureText("<i>", "<F>", "<G>", 0);

  @Test
  void plain_isOneImageTokenPerToken() {
    assertThat(PictureText.plain("<i>").of(tiles(0, 0, 3))).isEqualTo("<i><i><i>");
    assertThat(PictureText.plain("<i>").of(tiles(0, 0, 0))).isEmpty();
  }

  @Test
  void oneTile_isTheGlobalViewAlone() {
    assertThat(IDEFICS3.of(tiles(0, 0, 2))).isEqualTo("<F><G><i><i><F>");
  }

  @Test
  void crops_areAnnouncedByRowAndColumnAndTheGlobalViewIsLast() {
    assertThat(IDEFICS3.of(tiles(2, 2, 1, 1, 1, 1, 2)))
        .isEqualTo(
            """
            <F><row_1_col_1><i><F><row_1_col_2><i>
            <F><row_2_col_1><i><F><row_2_col_2><i>

            <F><G><i><i><F>""");
  }

  /** Rows 1 and 2 of four lie in row 1 of two; row 3 of three does so in row 2 of two. */
  @Test
  void cropsOfAGridThatTheTokenizerDoesNotKnow_areAnnouncedAsTheCropThatTheyLieIn() {
    PictureText known = new Idefics3PictureText("<i>", "<F>", "<G>", 2);
    int[] some = new int[13];
    some[1] = some[4] = some[10] = some[12] = 1;

    assertThat(known.of(tiles(3, 4, some)))
        .isEqualTo("<F><row_1_col_1><i><F><row_1_col_1><i>\n<F><row_2_col_2><i>\n\n<F><G><i><F>");
    assertThat(known.of(tiles(2, 2, 1, 0, 0, 1, 1)))
        .isEqualTo(IDEFICS3.of(tiles(2, 2, 1, 0, 0, 1, 1)));
  }

  @Test
  void tilesMayHaveDifferentNumbersOfTokens() {
    assertThat(IDEFICS3.of(tiles(1, 2, 3, 1, 1)))
        .isEqualTo("<F><row_1_col_1><i><i><i><F><row_1_col_2><i>\n\n<F><G><i><F>");
  }

  @Test
  void tilesWithoutTokens_areNotAnnounced() {
    assertThat(IDEFICS3.of(tiles(2, 2, 0, 1, 0, 0, 1)))
        .isEqualTo("<F><row_1_col_2><i>\n\n<F><G><i><F>");
    assertThat(IDEFICS3.of(tiles(2, 2, 0, 0, 0, 0, 1))).isEqualTo("<F><G><i><F>");
    assertThat(IDEFICS3.of(tiles(1, 2, 1, 1, 0)))
        .isEqualTo("<F><row_1_col_1><i><F><row_1_col_2><i>\n<F>");
  }

  @Test
  void enclosed_isAllTilesBetweenTwoTokens() {
    PictureText internVl = new EnclosedPictureText("<i>", "<img>", "</img>");

    assertThat(internVl.of(tiles(1, 2, 1, 2, 1))).isEqualTo("<img><i><i><i><i></img>");
    assertThat(internVl.of(tiles(1, 2, 0, 0, 0))).isEmpty();
  }

  @Test
  void rowBreaks_standBetweenRowsThatHaveTokens() {
    PictureText pixtral = new RowBreakPictureText("<i>", "<b>", "<e>");

    // Rows of four tokens.
    assertThat(pixtral.of(tiles(0, 0, 6))).isEqualTo("<i><i><i><i><b><i><i><e>");
    List<TokenPosition> left =
        List.of(new TokenPosition(0, 0, 0, 3), new TokenPosition(0, 0, 2, 0));
    assertThat(pixtral.of(List.of(new TileTokens(Tile.global(0, 4, 4), left))))
        .isEqualTo("<i><b><i><e>");
    assertThat(pixtral.of(tiles(0, 0, 0))).isEmpty();
  }

  @Test
  void placed_announcesCropsAndTheWholePictureBehindThem() {
    PictureText lfm2 = new PlacedPictureText("<i>", "<b>", "<t>", "<e>");

    assertThat(lfm2.of(tiles(0, 0, 2))).isEqualTo("<b><i><i><e>");
    assertThat(lfm2.of(tiles(1, 2, 2, 0, 1))).isEqualTo("<b><|img_row_1_col_1|><i><i><t><i><e>");
    assertThat(lfm2.of(tiles(1, 2, 0, 0, 0))).isEmpty();
  }

  private static List<TileTokens> tiles(int rows, int cols, int... tokens) {
    List<TileTokens> tiles = new ArrayList<>();
    for (int i = 0; i < rows * cols; i++) {
      Tile.Crop crop = new Tile.Crop(i / cols, i % cols, rows, cols);
      tiles.add(new TileTokens(Tile.crop(0, 4, 4, crop), left(i, tokens[i])));
    }
    int global = rows * cols;
    tiles.add(new TileTokens(Tile.global(0, 4, 4), left(global, tokens[global])));
    return tiles;
  }

  private static List<TokenPosition> left(int tile, int tokens) {
    return IntStream.range(0, tokens)
        .mapToObj(i -> new TokenPosition(0, tile, i / 4, i % 4))
        .toList();
  }
}
