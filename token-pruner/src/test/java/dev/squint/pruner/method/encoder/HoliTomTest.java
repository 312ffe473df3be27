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
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.List;
import org.junit.jupiter.api.Test;

public class HoliTomTest {

  public static void agreesWith(GoldenCase golden) {
    int frames = golden.integer("params.frames");
    Matrix features = golden.matrix("inputs.features_[F*n,D]");
    PatchTokens tokens =
        clip(
            frames,
            golden.integer("params.tokens_per_frame"),
            features,
            golden.floats("inputs.attention_[F*n]"));
    HoliTom method =
        new HoliTom(
            Variant.CODE,
            golden.number("params.similarity"),
            golden.integer("params.neighbours"),
            golden.number("params.beta"));

    TokenReduction reduction =
        method.reduce(tokens, Budget.ratio(golden.number("params.retention")));

    assertThat(method.windows(tokens))
        .usingRecursiveComparison()
        .isEqualTo(golden.integerRows("outputs.windows"));
    golden.assertMatrix(
        "outputs.features_sorted_[k,D]", PruneVidTest.sorted(reduction.apply(features)));
  }

  @Test
  void whatDoesNotChangeIsOneToken_andTheMostAttendedOfTheOthersStay() {
    // Two frames of three tokens; the first two do not change.
    Matrix features =
        Matrix.of(
            new float[] {1, 0},
            new float[] {0, 1},
            new float[] {1, 1},
            new float[] {3, 0},
            new float[] {0, 1},
            new float[] {-1, 1});
    PatchTokens tokens = clip(2, 3, features, new float[] {0, 0, 1, 0, 0, 2});
    HoliTom method = new HoliTom(Variant.PAPER, 0.8, 7, 0.6);

    TokenReduction four = method.reduce(tokens, Budget.count(5));
    assertThat(four.target()).as("no more than is left").containsExactly(0, 1, 2, 0, 1, 3);
    assertThat(four.apply(features).row(0)).containsExactly(2, 0);

    // Of 3: 1.5 for the places, 0.75 for each frame.
    assertThat(method.reduce(tokens, Budget.count(3)).after()).isEqualTo(3);
    // All change: the most attended of each frame.
    assertThat(new HoliTom(Variant.PAPER, 1, 7, 0.6).reduce(tokens, Budget.count(2)).kept())
        .containsExactly(2, 5);
  }

  @Test
  void clusteredPlaces_haveBetaOfTheirCentre() {
    // Two equal frames of three tokens, so all positions are static: one cluster.
    Matrix features =
        Matrix.of(
            new float[] {1, 0},
            new float[] {2, 0},
            new float[] {6, 0},
            new float[] {1, 0},
            new float[] {2, 0},
            new float[] {6, 0});
    PatchTokens tokens = clip(2, 3, features, new float[6]);

    TokenReduction one = new HoliTom(Variant.PAPER, 0.8, 7, 0.6).reduce(tokens, Budget.count(1));

    int centre = one.kept()[0];
    double own = features.get(centre, 0);
    assertThat((double) one.apply(features).get(0, 0))
        .isCloseTo(0.6 * own + 0.4 * (9 - own) / 2, within(1e-6));
  }

  @Test
  void windowsSaveAsManyTokensAsPossible() {
    // Since how many frames: two of three tokens from frame 0 to 2, then three from 2 to 3.
    List<int[]> frames =
        List.of(
            new int[] {0, 1, 2}, new int[] {3, 4, 5}, new int[] {6, 7, 8}, new int[] {9, 10, 11});
    int[] since = {0, 0, 0, 1, 1, 0, 2, 2, 0, 3, 3, 1};

    // All four frames save 2 x 3; 0 to 1 and 2 to 3 save 2 and 3; 0 to 2 saves 4.
    assertThat(HoliTom.windows(frames, since)).containsExactly(new int[] {0, 3});
    // Without the chain through all: 2 + 3 is more than 4.
    int[] broken = {0, 0, 0, 1, 1, 0, 2, 0, 0, 1, 1, 1};
    assertThat(HoliTom.windows(frames, broken)).containsExactly(new int[] {0, 1}, new int[] {2, 3});
    // No position is static.
    assertThat(HoliTom.windows(frames, new int[12]))
        .containsExactly(new int[] {0, 0}, new int[] {1, 1}, new int[] {2, 2}, new int[] {3, 3});
  }

  @Test
  void parametersOutsideTheirRangesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HoliTom(Variant.PAPER, 0.8, 7, 2))
        .withMessage("beta must be in [0, 1] but was 2.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HoliTom(Variant.PAPER, 0.8, 0, 0.6))
        .withMessage("neighbours must be at least 1 but was 0");
  }

  private static PatchTokens clip(int frames, int each, Matrix features, float[] attention) {
    return PatchTokens.encoded(
        RandomTokens.frames(frames, 1, each),
        features,
        EvidenceSet.nothing().with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));
  }
}
