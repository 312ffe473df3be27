package dev.squint.eval.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.llm.EncoderWork;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncoderShapeTest {

  // SmolVLM-256M: 12 layers of SigLIP base, tiles of 1024 patches, 16 for each token.
  private static final EncoderShape SMOLVLM = new EncoderShape(12, 768, 3072, 1024, 16, 0);

  @Test
  void wholeTiles_takeTheOperationsOfTheirTokens() {
    assertThat(SMOLVLM.operations(17 * 64, 17)).isEqualTo(17 * 64 * SMOLVLM.perToken());
    // 2 x 85 million weights for each of 1024 patches, and attention.
    assertThat(SMOLVLM.operations(64, 1) / 1e9).isCloseTo(212.6, within(0.1));
  }

  @Test
  void aQuarterOfTheGroups_takesLessThanAQuarter_sinceAttentionIsQuadratic() {
    double share = SMOLVLM.operations(16, 1) / SMOLVLM.operations(64, 1);
    assertThat(share).isCloseTo(0.216, within(0.001));
  }

  @Test
  void byHand_layersAttentionAndConvolutions() {
    // Two layers of 4, 8 inner, tiles of 9 patches, each a token: 8 x 16 + 4 x 4 x 8 for each patch
    // and layer, 4 x 4 for each pair of patches; 1000 for the convolutions of a tile.
    EncoderShape small = new EncoderShape(2, 4, 8, 9, 1, 1000);

    assertThat(small.operations(9, 1)).isEqualTo(1000 + 9 * 2 * (128 + 128 + 16 * 9));
    assertThat(small.operations(18, 2)).isEqualTo(2 * small.operations(9, 1));
    // A third of the patches: the convolutions run on the whole tile.
    assertThat(small.operations(3, 1)).isEqualTo(1000 + 3 * 2 * (128 + 128 + 16 * 3));
    assertThat(9 * small.perToken()).isCloseTo(small.operations(9, 1), within(1e-9));
  }

  /** What layers ran on, as in the test above: one number for both layers, or one for each. */
  @Test
  void layersThatRunOnLess_takeLess() {
    EncoderShape small = new EncoderShape(2, 4, 8, 9, 1, 1000);

    assertThat(small.operations(new EncoderWork(2, List.of(18.0), List.of(162.0))))
        .isEqualTo(small.operations(18, 2));
    assertThat(small.operations(new EncoderWork(1, List.of(9.0, 3.0), List.of(81.0, 9.0))))
        .isEqualTo(1000 + 9 * (128 + 128 + 16 * 9) + 3 * (128 + 128 + 16 * 3));
    // Of two tiles one has 3 patches and one has 1: 9 + 1 pairs.
    assertThat(small.operations(new EncoderWork(2, List.of(4.0), List.of(10.0))))
        .isEqualTo(2000 + 2 * (4 * (128 + 128) + 10 * 16));
    assertThat(SMOLVLM.operations(new EncoderWork(17, List.of(17 * 64.0), List.of(17 * 4096.0))))
        .isEqualTo(SMOLVLM.operations(17 * 64, 17));
  }

  @Test
  void noTiles_takeNothing() {
    assertThat(SMOLVLM.operations(new EncoderWork(0, List.of(0.0), List.of(0.0)))).isZero();
    assertThat(SMOLVLM.operations(0, 0)).isZero();
  }
}
