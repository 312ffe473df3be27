package dev.squint.eval.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EncoderShapeTest {

  // SmolVLM-256M: 12 layers of SigLIP base, tiles of 1024 patches, 16 for each token.
  private static final EncoderShape SMOLVLM = new EncoderShape(12, 768, 3072, 1024, 16);

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
  void noTiles_takeNothing() {
    assertThat(SMOLVLM.operations(0, 0)).isZero();
  }
}
