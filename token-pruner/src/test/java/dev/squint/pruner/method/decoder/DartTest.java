package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.evidence.LayerKeys;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.TextKeys;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import org.junit.jupiter.api.Test;

public class DartTest {

  /** East, east, north, north-east, west and south-west. */
  private static final Matrix HIDDEN =
      Matrix.of(
          new float[] {1, 0},
          new float[] {3, 0.1f},
          new float[] {0, 2},
          new float[] {1, 1},
          new float[] {-5, 0},
          new float[] {-1, -1});

  private static final Matrix KEYS =
      Matrix.of(
          new float[] {1, -4},
          new float[] {2, 2},
          new float[] {3, 0},
          new float[] {0, 0},
          new float[] {1, 0},
          new float[] {0, 1});

  public static void agreesWith(GoldenCase golden) {
    int prefix = golden.integer("params.prefix");
    int visual = golden.integer("params.visual");
    Matrix hidden = golden.matrix("inputs.hidden_[S,D]");
    Matrix keys = golden.matrix("inputs.keys_[S,heads*headDim]");
    int[] pictures = Prompts.range(prefix, prefix + visual);
    int[] text = Prompts.range(prefix + visual, hidden.rows());

    golden.assertIntegers(
        "outputs.kept_visual",
        kept(
            new Dart(golden.integer("params.pivots"), golden.integer("params.textPivots")),
            tokens(hidden.rows(pictures), keys.rows(pictures), hidden.rows(text), keys.rows(text)),
            golden.integer("params.k")));
  }

  @Test
  void thePivotWithTheLargestKeyStays_andWhatIsLeastLikeIt() {
    // By the L1 norm token 0 (5) is the pivot, before 1 (4); west and south-west are least like it.
    assertThat(kept(new Dart(1, 0), tokens(), 3)).containsExactly(0, 4, 5);
    assertThat(kept(new Dart(1, 0), tokens(), 1)).containsExactly(0);
  }

  @Test
  void pivotsOfTheText_chooseToo_andAreNotKept() {
    // Of the two words the second has the larger key; it is north, so south-west is least like it.
    assertThat(kept(new Dart(0, 1), tokens(), 1)).containsExactly(5);
    // The visual pivot takes west, the word takes south-west.
    assertThat(kept(new Dart(1, 1), tokens(), 3)).containsExactly(0, 4, 5);
    // Of two tokens that are left, the first of both pivots takes one, and so does the second.
    assertThat(kept(new Dart(2, 0), tokens(), 4)).containsExactly(0, 1, 4, 5);
    // The odd one is for the first pivot.
    assertThat(kept(new Dart(1, 1), tokens(), 2)).containsExactly(0, 4);
  }

  @Test
  void morePivotsThanThereAre_isAllThatThereAre() {
    assertThat(kept(new Dart(9, 9), tokens(), 4)).containsExactly(0, 1, 2, 4);
    assertThat(kept(new Dart(0, 9), tokens(), 2)).containsExactly(4, 5);
  }

  @Test
  void noPivotIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dart(0, 0))
        .withMessage(
            "dart needs at least 1 pivot, and no negative number, but pivots was 0 and textPivots 0");
  }

  private static int[] kept(Dart dart, LayerTokens tokens, int budget) {
    return dart.reduce(tokens, Budget.count(budget)).kept();
  }

  private static LayerTokens tokens() {
    return tokens(
        HIDDEN,
        KEYS,
        Matrix.of(new float[] {1, 0.2f}, new float[] {0.2f, 3}),
        Matrix.of(new float[] {1, 0}, new float[] {-1, 1}));
  }

  private static LayerTokens tokens(Matrix hidden, Matrix keys, Matrix text, Matrix textKeys) {
    return Prompts.visual(
        1,
        hidden.rows(),
        hidden,
        EvidenceSet.nothing()
            .with(new LayerKeys(), new Keys(keys, 1))
            .with(new TextKeys(), textKeys)
            .with(new TextHidden(), text));
  }
}
