package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.List;
import java.util.Locale;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

public class VisionTrimTest {

  private static final Matrix FEATURES =
      Matrix.of(
          new float[] {1, 0},
          new float[] {2, 0},
          new float[] {0, 1},
          new float[] {0, 3},
          new float[] {1, 1});

  /** Two words, east and north. */
  private static final Matrix WORDS = Matrix.of(new float[] {5, 0}, new float[] {0, 0.1f});

  private static final Offset<Float> CLOSE = Offset.offset(1e-4f);

  private static final Matrix FIRST = Matrix.of(new float[] {0.9f, 0, 0, 0, 0});

  public static void agreesWith(GoldenCase golden) {
    int side = golden.integer("params.side");
    Matrix features = golden.matrix("inputs.features_[N,D]");
    PatchTokens tokens =
        tokens(
            RandomTokens.single(side, side).get(0),
            features,
            golden.matrix("inputs.cls_[H,N]"),
            golden.matrix("inputs.received_[H,N]"),
            golden.matrix("inputs.words_[T,D]"));

    TokenReduction reduction =
        new VisionTrim(
                Variant.valueOf(golden.text("params.variant").toUpperCase(Locale.ROOT)),
                golden.number("params.complement"),
                3)
            .reduce(tokens, Budget.count(golden.integer("params.k")));

    golden.assertIntegers("outputs.kept", reduction.kept());
    golden.assertMatrix("outputs.features_[k,D]", reduction.apply(features));
  }

  /** The first is dominant. Of the rest the last and the second are most like both words. */
  @ParameterizedTest
  @EnumSource
  void othersJoinTheTargetThatIsLikeTheSameWords(Variant variant) {
    PatchTokens tokens = tokens(Tile.global(0, 1, 5), FEATURES, FIRST, FIRST, WORDS);

    TokenReduction reduction = new VisionTrim(variant, 0.67, 3).reduce(tokens, Budget.count(3));

    assertThat(reduction.kept()).containsExactly(0, 1, 4);
    assertThat(reduction.target()).containsExactly(0, 1, 2, 2, 2);
    Matrix merged = reduction.apply(FEATURES);
    assertThat(merged.row(0)).containsExactly(1, 0);
    assertThat(merged.row(1)).containsExactly(2, 0);
    // Three times the mean (0, 2) is added to (1, 1), whose own weight is 1.
    assertThat(merged.row(2))
        .containsExactly(variant == Variant.CODE ? new float[] {1, 7} : new float[] {0.25f, 1.75f});
  }

  /** Both others join the first target, which then points away from one of them. */
  @Test
  void laterRounds_compareWithWhatTargetsHaveBecome() {
    Matrix features =
        Matrix.of(
            new float[] {9, 9},
            new float[] {1, 0.9f},
            new float[] {0.9f, 1},
            new float[] {1, 0.5f},
            new float[] {40, -40});
    PatchTokens tokens = tokens(Tile.global(0, 1, 5), features, FIRST, FIRST, WORDS);

    TokenReduction once = new VisionTrim(Variant.CODE, 0.67, 1).reduce(tokens, Budget.count(3));
    TokenReduction twice = new VisionTrim(Variant.CODE, 0.67, 2).reduce(tokens, Budget.count(3));

    assertThat(once.kept()).containsExactly(0, 1, 2);
    assertThat(once.target()).containsExactly(0, 1, 2, 1, 1);
    assertThat(twice.target()).containsExactly(0, 1, 2, 2, 1);
    // (1, 0.9) with (20.5, -19.75), the mean of both, and then with (40, -40) alone.
    assertThat(twice.apply(features).row(1)).containsExactly(new float[] {61.5f, -58.85f}, CLOSE);
    assertThat(twice.apply(features).row(2)).containsExactly(new float[] {1.9f, 1.5f}, CLOSE);
  }

  /** Received attention counts as much as CLS attention; affinity does not ask for it. */
  @Test
  void variantsReadDifferentEvidence() {
    Matrix received = Matrix.of(new float[] {0, 0, 0.2f, 0, 0.1f});
    PatchTokens tokens = tokens(Tile.global(0, 1, 5), FEATURES, FIRST, received, WORDS);

    assertThat(new VisionTrim(Variant.CODE, 0, 1).reduce(tokens, Budget.count(2)).kept())
        .containsExactly(0, 2);
    // The ends have one neighbour, which differs less from the last than from the first.
    assertThat(new VisionTrim(Variant.PAPER, 0, 1).reduce(tokens, Budget.count(2)).kept())
        .containsExactly(0, 4);
    assertThat(new VisionTrim(Variant.PAPER, 0, 1).needs())
        .doesNotContain(new ReceivedAttention(1))
        .contains(new EncoderHidden(-1));
    assertThat(new VisionTrim(Variant.CODE, 0, 1).needs())
        .doesNotContain(new EncoderHidden(-1))
        .contains(new ReceivedAttention(1));
  }

  /** The variance of the features is 3, that of the coordinates 0.7. */
  @Test
  void affinity_fallsWithTheDistanceToNeighbours() {
    Matrix hidden = Matrix.of(new float[] {0}, new float[] {0}, new float[] {3});
    Tile grid = Tile.global(0, 1, 3);
    PatchTokens tokens = tokens(grid, hidden, FIRST.columns(new int[] {0, 1, 2}));

    double[] affinity = LocalAffinity.of(hidden, tokens.positions(), grid);

    double step = 0.5 / 0.7;
    assertThat(affinity[0]).isCloseTo(-step / 9, within(1e-9));
    assertThat(affinity[1]).isCloseTo(-(3 + 2 * step) / 9, within(1e-9));
    assertThat(affinity[2]).isCloseTo(-(3 + step) / 9, within(1e-9));
  }

  /**
   * Two rows of two without the last token: the variance of the features is 3, that of the
   * coordinates 4/15. A neighbour across the corner is two steps away.
   */
  @Test
  void affinity_isThatOfAllNeighboursThatAreThere() {
    Matrix hidden = Matrix.of(new float[] {0}, new float[] {3}, new float[] {0});
    List<TokenPosition> positions =
        List.of(
            new TokenPosition(0, 0, 0, 0),
            new TokenPosition(0, 0, 0, 1),
            new TokenPosition(0, 0, 1, 0));

    double[] affinity = LocalAffinity.of(hidden, positions, Tile.global(0, 2, 2));

    double step = 0.5 * 15 / 4;
    assertThat(affinity[0]).isCloseTo(-(3 + 2 * step) / 9, within(1e-9));
    assertThat(affinity[1]).isCloseTo(-(6 + 3 * step) / 9, within(1e-9));
    assertThat(affinity[2]).isCloseTo(-(3 + 3 * step) / 9, within(1e-9));
  }

  /**
   * Affinity asks for the first token, attention for the last. The shares by attention vary less,
   * so it decides: 0.331 against 0.340, with a weight of 0.99.
   */
  @Test
  void theKindOfImportanceThatVariesLess_countsMore() {
    Matrix hidden = Matrix.of(new float[] {0, 0}, new float[] {0, 0}, new float[] {3, 0});
    PatchTokens tokens = tokens(Tile.global(0, 1, 3), hidden, Matrix.of(new float[] {0, 0, 0.03f}));

    assertThat(new VisionTrim(Variant.PAPER, 0, 1).reduce(tokens, Budget.count(1)).kept())
        .containsExactly(2);
    assertThat(LocalAffinity.of(hidden, tokens.positions(), Tile.global(0, 1, 3))[0])
        .isGreaterThan(-0.1);
  }

  @Test
  void oneTokenAlone_hasNobodyToDifferFrom() {
    Matrix hidden = Matrix.of(new float[] {2});
    Tile grid = Tile.global(0, 1, 1);
    PatchTokens tokens = tokens(grid, hidden, Matrix.of(new float[] {1}));

    assertThat(LocalAffinity.of(hidden, tokens.positions(), grid)).containsExactly(0);
    assertThat(LocalAffinity.variance(new double[] {2})).isZero();
    assertThat(LocalAffinity.variance(new double[] {1, 1, 4})).isEqualTo(3);
  }

  @Test
  void parametersOutsideTheirRangesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VisionTrim(Variant.PAPER, 1.5, 3))
        .withMessage("complement must be in [0, 1] but was 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VisionTrim(Variant.PAPER, 0.25, 0))
        .withMessage("rounds must be at least 1 but was 0");
  }

  private static PatchTokens tokens(Tile grid, Matrix features, Matrix cls) {
    return tokens(grid, features, cls, cls, WORDS);
  }

  /** The hidden states are the features. */
  private static PatchTokens tokens(
      Tile grid, Matrix features, Matrix cls, Matrix received, Matrix words) {
    return PatchTokens.encoded(
        List.of(grid),
        features,
        EvidenceSet.nothing()
            .with(new ClsAttention(-1), Attention.of(cls))
            .with(new ReceivedAttention(1), Attention.of(received))
            .with(new EncoderHidden(-1), features)
            .with(new QuestionEmbeddings(), words));
  }
}
