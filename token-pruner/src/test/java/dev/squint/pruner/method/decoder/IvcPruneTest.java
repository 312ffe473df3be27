package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.LayerValues;
import dev.squint.pruner.evidence.RotationMeans;
import dev.squint.pruner.evidence.TextValues;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import org.junit.jupiter.api.Test;

public class IvcPruneTest {

  /** Token 3 is hardly rotated, token 4 by about 90 degrees. */
  private static final Matrix ROTATION =
      Matrix.of(
          new float[] {0.2f, 0.1f},
          new float[] {0.3f, 0.2f},
          new float[] {0.1f, 0.3f},
          new float[] {0.9f, 0},
          new float[] {0, 0.8f});

  private static final Matrix WORD = Matrix.of(new float[] {1, 0});

  /** By the word alone 0, 1, 2 and then the others, whose values are far from it. */
  private static final Matrix VALUES =
      Matrix.of(
          new float[] {1, 1},
          new float[] {0.1f, -1},
          new float[] {0, 1.2f},
          new float[] {-1, -1},
          new float[] {-1, -1});

  public static void agreesWith(GoldenCase golden) {
    int start = golden.integer("params.image_start");
    int visual = golden.integer("params.image_tokens");
    int heads = golden.integer("params.heads");
    Matrix values = golden.matrix("inputs.values_[S,heads*headDim]");
    // The authors leave out the first two tokens after the picture.
    int[] text = Prompts.range(start + visual + 2, values.rows());
    LayerTokens tokens =
        tokens(
            golden.matrix("inputs.rotation_[N,2]"),
            new Keys(values.rows(Prompts.range(start, start + visual)), heads),
            values.rows(text));

    golden.assertIntegers(
        "outputs.kept_visual", kept(new IvcPrune(0.4, 0.01), tokens, golden.integer("params.k")));
  }

  @Test
  void coordinatesStay_thenTheSeed_andThenWhatIsMostAlike() {
    assertThat(kept(0.4, 5)).containsExactly(0, 1, 2, 3, 4);
    assertThat(kept(0.5, 4)).containsExactly(0, 2, 3, 4);
    assertThat(kept(0.68, 3)).containsExactly(0, 3, 4);
    assertThat(kept(1, 2)).containsExactly(3, 4);
    // A budget of one leaves none for 0.4 of it, rounded.
    assertThat(kept(0.8, 1)).containsExactly(0);
  }

  /** The word is more like token 1; word and seed together are more like token 2. */
  @Test
  void seedsAskToo() {
    assertThat(kept(0, 2)).containsExactly(0, 2);
    assertThat(kept(0, 1)).containsExactly(0);
    // The two best by the word alone are seeds, so they stay.
    assertThat(kept(new IvcPrune(0, 0.4), tokens(), 2)).containsExactly(0, 1);
  }

  /**
   * Two heads of two values. The word is zero in the first head, so the second decides: token 1 is
   * the seed, and in no head is the seed like token 0, whose values are the longest.
   */
  @Test
  void headsCompareTheirOwnValues() {
    Matrix values =
        Matrix.of(new float[] {9, 0, 0, 0}, new float[] {0, 0, 1, 0}, new float[] {0, 0, 0.5f, 0});
    LayerTokens tokens =
        tokens(
            new Matrix(3, 2, new float[6]),
            new Keys(values, 2),
            Matrix.of(new float[] {0, 0, 5, 0}));

    assertThat(kept(new IvcPrune(0, 0), tokens, 1)).containsExactly(1);
    assertThat(kept(new IvcPrune(0, 0), tokens, 2)).containsExactly(1, 2);
  }

  @Test
  void aTokenNearBothRotations_leavesItsPlaceToAnother() {
    Matrix both =
        Matrix.of(
            new float[] {0, 0},
            new float[] {0, 0},
            new float[] {0, 0},
            new float[] {0, 0},
            new float[] {0.7f, 0.7f});

    assertThat(kept(new IvcPrune(1, 0), tokens(both, new Keys(VALUES, 1), WORD), 2))
        .containsExactly(0, 4);
  }

  @Test
  void sharesOutsideTheirRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IvcPrune(1.1, 0.01))
        .withMessage("coordinates must be in [0, 1] but was 1.1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IvcPrune(Double.NaN, 0.01))
        .withMessage("coordinates must be in [0, 1] but was NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IvcPrune(0.2, 1.1))
        .withMessage("seeds must be in [0, 1] but was 1.1");
  }

  private static int[] kept(double coordinates, int budget) {
    return kept(new IvcPrune(coordinates, 0), tokens(), budget);
  }

  private static int[] kept(IvcPrune method, LayerTokens tokens, int budget) {
    return method.reduce(tokens, Budget.count(budget)).kept();
  }

  private static LayerTokens tokens() {
    return tokens(ROTATION, new Keys(VALUES, 1), WORD);
  }

  private static LayerTokens tokens(Matrix rotation, Keys values, Matrix text) {
    return Prompts.visual(
        rotation.rows(),
        EvidenceSet.nothing()
            .with(new RotationMeans(), rotation)
            .with(new LayerValues(), values)
            .with(new TextValues(), text));
  }
}
