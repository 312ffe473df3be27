package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.tile.TokenGrid;
import org.junit.jupiter.api.Test;

class PatchRowsTest {

  @Test
  void rows_areToldByTheirNumber() {
    assertThat(PatchRows.of("e", 577, new TokenGrid(24, 24)))
        .isEqualTo(new PatchRows(true, 1, new TokenGrid(24, 24)));
    assertThat(PatchRows.of("e", 1024, new TokenGrid(8, 8)))
        .isEqualTo(new PatchRows(false, 4, new TokenGrid(8, 8)));
    assertThatThrownBy(() -> PatchRows.of("e", 580, new TokenGrid(24, 24)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("e makes 576 visual tokens of 580 hidden states");
  }

  @Test
  void aTokensPatches_areASquare() {
    PatchRows rows = new PatchRows(true, 2, new TokenGrid(2, 3));
    assertThat(rows.patches()).isEqualTo(new TokenGrid(4, 6));
    assertThat(rows.ofToken(0)).containsExactly(0, 1, 6, 7);
    assertThat(rows.ofToken(4)).containsExactly(14, 15, 20, 21);
    assertThat(rows.first()).isEqualTo(1);
  }
}
