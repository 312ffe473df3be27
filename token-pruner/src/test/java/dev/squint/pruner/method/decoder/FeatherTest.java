package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.UnrotatedLogits;
import dev.squint.pruner.method.Prompts;
import org.junit.jupiter.api.Test;

class FeatherTest {

  /** Four rows of four; the grid of every third row and column is 0, 3, 12 and 15. */
  private static final float[] SQUARE = {2, 0, 0, 3, 0, 9, 8, 0, 0, 0, 0, 7, 1, 0, 0, 4};

  @Test
  void gridAndBestOfTheOthersStay() {
    assertThat(kept(new Feather(3), square(), 7)).containsExactly(0, 3, 5, 6, 11, 12, 15);
  }

  @Test
  void budgetBelowTheGrid_keepsTheBestOfTheGrid() {
    assertThat(kept(new Feather(3), square(), 2)).containsExactly(3, 15);
  }

  @Test
  void withoutGrid_bestOfTheTokensThatAreLeftStay() {
    TokenReduction early = new Feather(3).reduce(square(), Budget.count(7));
    LayerTokens left = square().reduced(early);

    // Of 0, 3, 5, 6, 11, 12 and 15 these are 5 and 6.
    assertThat(kept(new Feather(0), left, 2)).containsExactly(2, 3);
  }

  @Test
  void gridOfTokensThatAreLeft_isThatOfTheirPositions() {
    TokenReduction early = new Feather(0).reduce(square(), Budget.count(4));
    LayerTokens left = square().reduced(early);

    // Of 5, 6, 11 and 15 only 15 is on the grid.
    assertThat(kept(new Feather(3), left, 1)).containsExactly(3);
  }

  @Test
  void headsCountTheSame_howeverLargeTheirLogits() {
    // Attention 1, 0, 0 and 0, 2/3, 1/3; the mean of the logits is least for the first token.
    Matrix logits = Matrix.of(new float[] {100, 0, 0}, new float[] {-300, (float) Math.log(2), 0});

    assertThat(kept(new Feather(0), tokens(1, 3, logits), 2)).containsExactly(0, 1);
  }

  @Test
  void strideBelowZeroIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Feather(-1))
        .withMessage("stride must be at least 0 but was -1");
  }

  private static int[] kept(Feather feather, LayerTokens tokens, int budget) {
    return feather.reduce(tokens, Budget.count(budget)).kept();
  }

  private static LayerTokens square() {
    return tokens(4, 4, Matrix.of(SQUARE));
  }

  private static LayerTokens tokens(int rows, int cols, Matrix logits) {
    return Prompts.visual(
        rows,
        cols,
        new Matrix(rows * cols, 1, new float[rows * cols]),
        EvidenceSet.nothing().with(new UnrotatedLogits(), Logits.of(logits)));
  }
}
