package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.LayerKeys;
import dev.squint.pruner.evidence.UnrotatedVisualLogits;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

public class PactTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix hidden = golden.matrix("inputs.hidden_[N,D]");
    Matrix logits = golden.matrix("inputs.logits_[H,N]");
    Pact method =
        new Pact(
            golden.number("params.important"),
            golden.number("params.cutoff"),
            golden.number("params.reach"));

    TokenReduction reduction =
        method.reduce(
            tokens(hidden, logits, golden.matrix("inputs.keys_[N,heads*headDim]")),
            Budget.adaptive());

    golden.assertFloats("outputs.importance_[N]", Pact.importance(logits, hidden));
    golden.assertIntegers("outputs.kept", reduction.kept());
    golden.assertIntegers("outputs.merged_tokens", reduction.sum(ones(hidden.rows())));
    golden.assertMatrix("outputs.hidden_[k,D]", reduction.apply(hidden));
  }

  /** Four tokens with keys to the east, one to the north-east, two to the north. */
  private static final Matrix KEYS =
      Matrix.of(
          new float[] {1, 0},
          new float[] {1, 0},
          new float[] {2, 0.1f},
          new float[] {1, 0.8f},
          new float[] {0, 1},
          new float[] {0, 3},
          new float[] {5, 0});

  private static final Matrix HIDDEN =
      Matrix.of(
          new float[] {1},
          new float[] {2},
          new float[] {3},
          new float[] {4},
          new float[] {5},
          new float[] {6},
          new float[] {9});

  /** By hidden states alone the first is least important; here it is the last one. */
  private static final Matrix LOGITS = Matrix.of(new float[] {9, 9, 9, 9, 9, 9, 0});

  @Test
  void withoutABudget_nothingIsKept() {
    TokenReduction none =
        new Pact(0.9, 0.1, 2).reduce(tokens(HIDDEN, LOGITS, KEYS), Budget.count(0));

    assertThat(none.kept()).isEmpty();
  }

  @Test
  void clustersAreMerged_andUnimportantTokensJoinThoseInReach() {
    LayerTokens tokens = tokens(HIDDEN, LOGITS, KEYS);

    // Six are clustered, 0 to 5: east with 0, 1, 2; north with 4, 5; 3 is far from both.
    TokenReduction reduction = new Pact(0.9, 0.1, 1.5).reduce(tokens, Budget.adaptive());

    assertThat(reduction.after()).isEqualTo(3);
    int[] target = reduction.target();
    assertThat(target[1]).isEqualTo(target[0]);
    assertThat(target[2]).isEqualTo(target[0]);
    assertThat(target[5]).isEqualTo(target[4]).isNotEqualTo(target[0]);
    assertThat(target[3]).isNotIn(target[0], target[4]);
    // The unimportant one has a key to the east.
    assertThat(target[6]).isEqualTo(target[0]);
    assertThat(reduction.apply(HIDDEN).get(target[0], 0)).isEqualTo((1 + 2 + 3 + 9) / 4f);
  }

  @Test
  void unimportantTokensOutOfReachAreDropped() {
    // Only 5, 4 and 3, the largest, are clustered: north, with a cutoff of 0.5 also north-east.
    LayerTokens tokens = tokens(HIDDEN, LOGITS, KEYS);

    TokenReduction reduction = new Pact(0.5, 0.5, 1.5).reduce(tokens, Budget.adaptive());

    assertThat(reduction.after()).isEqualTo(1);
    // East and north have a cosine distance of 1, more than 0.75.
    assertThat(reduction.target()).containsExactly(-1, -1, -1, 0, 0, 0, -1);
  }

  @Test
  void aBudgetTakesTheDensestCentres_thenDenseTokens_thenImportantOnes() {
    LayerTokens tokens = tokens(HIDDEN, LOGITS, KEYS);
    Pact method = new Pact(0.9, 0.1, 1.5);

    // North-east is near to all others.
    assertThat(method.reduce(tokens, Budget.count(1)).kept()).containsExactly(3);
    assertThat(method.reduce(tokens, Budget.count(6)).kept()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(method.reduce(tokens, Budget.count(7)).isIdentity()).isTrue();
  }

  @Test
  void parametersOutsideTheirRangesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pact(0, 0.2, 1.5))
        .withMessage("important must be in (0, 1] but was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pact(0.5, -1, 1.5))
        .withMessage("cutoff and reach must be at least 0 but were -1.0 and 1.5");
  }

  private static int[] ones(int n) {
    int[] ones = new int[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static LayerTokens tokens(Matrix hidden, Matrix logits, Matrix keys) {
    return Prompts.visual(
        1,
        hidden.rows(),
        hidden,
        EvidenceSet.nothing()
            .with(new UnrotatedVisualLogits(), Logits.of(logits))
            .with(new LayerKeys(), new Keys(keys, 1)));
  }
}
