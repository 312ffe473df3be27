package dev.squint.pruner;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.testing.RandomTries;
import dev.squint.testing.Tolerance;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenReductionTest {
  // One sum of floats.
  private static final Tolerance ONE_ROUNDING = Tolerance.relative(2e-7);
  // Up to four reductions with weights of both signs: what cancels out is rounded at the size of
  // the summands. Measured over random reductions: 3.6e-7 of the scale.
  private static final Tolerance SUMS = new Tolerance(1e-6, 1e-5);

  @Test
  void keptTokensKeepTheirRows() {
    TokenReduction reduction = TokenReduction.keep(3, new int[] {0, 2});

    assertThat(reduction.apply(Matrix.of(new float[] {1}, new float[] {2}, new float[] {3})))
        .isEqualTo(Matrix.of(new float[] {1}, new float[] {3}));
    assertThat(reduction.target()).containsExactly(0, -1, 1);
    assertThat(reduction.merges()).isFalse();
  }

  @Test
  void mergedTokensAreTheMeanByPatches() {
    TokenReduction reduction =
        TokenReduction.merge(new int[] {1}, new int[] {0, 0}, new int[] {3, 1});

    assertThat(reduction.apply(Matrix.of(new float[] {1}, new float[] {5})))
        .isEqualTo(Matrix.of(new float[] {2}));
    assertThat(reduction.sum(new int[] {3, 1})).containsExactly(4);
    assertThat(reduction.kept()).containsExactly(1);
  }

  @Test
  void attentionOfMergedTokensAddsUp() {
    TokenReduction reduction =
        TokenReduction.merge(new int[] {0, 2}, new int[] {0, 0, 1}, new int[] {1, 1, 1});

    assertClose(
        reduction.sumColumns(Matrix.of(new float[] {0.1f, 0.2f, 0.4f})).row(0),
        new float[] {0.3f, 0.4f},
        ONE_ROUNDING,
        "sums");
  }

  @Test
  void groupsComeOutInTheOrderOfTheirRepresentatives() {
    TokenReduction reduction =
        TokenReduction.merge(new int[] {2, 0}, new int[] {1, -1, 0}, new int[] {1, 1, 1});

    assertThat(reduction.kept()).containsExactly(0, 2);
    assertThat(reduction.target()).containsExactly(0, -1, 1);
    assertThat(reduction.merges()).isFalse();
  }

  @Test
  void aMeanOfMeansIsTheMean() {
    Matrix three = Matrix.of(new float[] {0}, new float[] {6}, new float[] {9});
    TokenReduction first =
        TokenReduction.merge(new int[] {0, 2}, new int[] {0, 0, 1}, new int[] {1, 1, 1});
    TokenReduction second = TokenReduction.merge(new int[] {0}, new int[] {0, 0}, new int[] {2, 1});

    assertClose(first.then(second).apply(three).get(0, 0), 5, ONE_ROUNDING, "mean");
  }

  @Test
  void partsArePutTogetherInTheOrderOfTheTokens() {
    TokenReduction odd = TokenReduction.keep(2, new int[] {1});
    TokenReduction even = TokenReduction.merge(new int[] {0}, new int[] {0, 0}, new int[] {1, 1});

    TokenReduction both =
        TokenReduction.ofParts(4, List.of(new int[] {1, 3}, new int[] {0, 2}), List.of(odd, even));

    assertThat(both.kept()).containsExactly(0, 3);
    assertThat(both.target()).containsExactly(0, -1, 0, 1);
  }

  @Test
  void refusesIndicesThatDoNotAscend() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenReduction.keep(3, new int[] {2, 1}))
        .withMessage("kept indices must ascend within [0, 3) but were [2, 1]");
  }

  @Test
  void refusesAnotherNumberOfTokens() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenReduction.keepAll(3).apply(Matrix.of(new float[] {1})))
        .withMessage("a reduction of 3 tokens cannot be applied to 1");
  }

  @Test
  void oneAfterTheOtherIsTheSameAsBothAtOnce() {
    RandomTries.of(
        300, draws -> assertSameAtOnce(draws.anyLong(), draws.integer(1, 40), draws.integer(1, 4)));
  }

  private static void assertSameAtOnce(long seed, int n, int steps) {
    SplittableRandom random = new SplittableRandom(seed);
    Matrix features = matrix(random, n, 3);
    Matrix attention = matrix(random, 2, n);
    int[] patches = random.ints(n, 1, 5).toArray();

    TokenReduction all = TokenReduction.keepAll(n);
    Matrix stepwise = features;
    Matrix attentionStepwise = attention;
    int[] patchesStepwise = patches;
    for (int step = 0; step < steps; step++) {
      TokenReduction next = reduction(random, patchesStepwise);
      all = all.then(next);
      stepwise = next.apply(stepwise);
      attentionStepwise = next.sumColumns(attentionStepwise);
      patchesStepwise = next.sum(patchesStepwise);
    }

    assertClose(all.apply(features).data(), stepwise.data(), SUMS, "features");
    assertClose(all.sumColumns(attention).data(), attentionStepwise.data(), SUMS, "attention");
    assertThat(all.sum(patches)).containsExactly(patchesStepwise);
    assertThat(all.kept()).isSorted();
  }

  /** Drops, merges or mixes at random. */
  private static TokenReduction reduction(SplittableRandom random, int[] patches) {
    int n = patches.length;
    int[] kept = random.ints(n, 0, n).limit(random.nextInt(1, n + 1)).distinct().sorted().toArray();
    if (random.nextBoolean()) {
      return TokenReduction.keep(n, kept);
    }
    int[] group = random.ints(n, -1, kept.length).toArray();
    for (int g = 0; g < kept.length; g++) {
      group[kept[g]] = g;
    }
    if (random.nextBoolean()) {
      return TokenReduction.merge(kept, group, patches);
    }
    int[][] sources = new int[kept.length][];
    float[][] weights = new float[kept.length][];
    for (int g = 0; g < kept.length; g++) {
      sources[g] = random.ints(3, 0, n).distinct().toArray();
      weights[g] = new float[sources[g].length];
      for (int s = 0; s < weights[g].length; s++) {
        weights[g][s] = (float) random.nextDouble(-1, 1);
      }
    }
    return TokenReduction.mix(kept, group, sources, weights);
  }

  private static Matrix matrix(SplittableRandom random, int rows, int cols) {
    float[] data = new float[rows * cols];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextDouble(-1, 1);
    }
    return new Matrix(rows, cols, data);
  }
}
