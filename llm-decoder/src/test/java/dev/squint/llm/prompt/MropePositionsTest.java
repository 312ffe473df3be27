package dev.squint.llm.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Positions worked out from section 2.1 of arXiv 2409.12191. */
class MropePositionsTest {

  /** A tile of which the groups with these row and column pairs are left. */
  private static TileTokens tile(int frame, int rows, int cols, int... places) {
    return new TileTokens(
        Tile.global(frame, rows, cols),
        IntStream.range(0, places.length / 2)
            .mapToObj(i -> new TokenPosition(frame, 0, places[2 * i], places[2 * i + 1]))
            .toList());
  }

  /**
   * Two words, a picture of 2 x 3 of which three tokens are left, and a word. The picture stands at
   * time 2; the text continues at 2 + 3, the longer side.
   */
  @Test
  void aPictureIsCountedByRowAndColumn_andTextContinuesAfterTheLongerSide() {
    MropePositions positions = new MropePositions(6, 0);
    positions.text();
    positions.text();
    positions.picture(List.of(tile(0, 2, 3, 0, 1, 1, 0, 1, 2)), 0);
    positions.text();

    assertThat(positions.ids().axis(0)).containsExactly(0, 1, 2, 2, 2, 5);
    assertThat(positions.ids().axis(1)).containsExactly(0, 1, 2, 3, 3, 5);
    assertThat(positions.ids().axis(2)).containsExactly(0, 1, 3, 2, 4, 5);
    assertThat(positions.next()).isEqualTo(6);
  }

  /** Four frames of 1 x 2 at 2.5 positions each from 1 on: times 1, 3.5, 6 and 8.5, whole ones. */
  @Test
  void framesFollowInTime_butTheTextBehindThemIsCountedByTheirSides() {
    MropePositions positions = new MropePositions(9, 1);
    positions.picture(
        List.of(tile(0, 1, 2, 0, 0, 0, 1), tile(1, 1, 2, 0, 1), tile(2, 1, 2), tile(3, 1, 2, 0, 0)),
        2.5);

    // The next token comes after the highest time, 1 + 7, although the text has come to 3.
    assertThat(positions.next()).isEqualTo(9);
    positions.text();
    assertThat(positions.ids().axis(0)).containsExactly(1, 1, 3, 8, 3);
    assertThat(positions.ids().axis(1)).containsExactly(1, 1, 1, 1, 3);
    assertThat(positions.ids().axis(2)).containsExactly(1, 2, 2, 1, 3);
    assertThat(positions.next()).isEqualTo(9);
  }

  @Test
  void textAlone_countsFromTheFirstPosition() {
    MropePositions positions = new MropePositions(2, 5);

    assertThat(positions.next()).isEqualTo(5);
    positions.text();
    positions.text();
    assertThat(positions.next()).isEqualTo(7);
    assertThat(positions.ids().tokens()).isEqualTo(2);
  }
}
