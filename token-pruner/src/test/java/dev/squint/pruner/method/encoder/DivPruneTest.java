package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.testing.RandomTries;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class DivPruneTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix features = golden.matrix("inputs.tokens_[N,D]");
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, features.rows()), features, EvidenceSet.nothing());
    int count = golden.integer("params.k");

    int[] picks = DivPrune.greedy(features, count);
    int[] kept = new DivPrune().reduce(tokens, Budget.ratio(golden.number("params.ratio"))).kept();

    int[] expected = golden.integers("outputs.selected_in_greedy_order");
    int distinct = (int) IntStream.of(expected).distinct().count();
    // Once nothing different is left, the authors' code picks tokens twice: only what comes before
    // is defined.
    assertThat(Arrays.copyOf(picks, distinct)).containsExactly(Arrays.copyOf(expected, distinct));
    assertThat(kept).hasSize(count);
    if (distinct == count) {
      golden.assertIntegers("outputs.kept_sorted", kept);
    } else {
      golden.ignore("outputs.kept_sorted");
      assertThat(kept).doesNotHaveDuplicates().contains(Arrays.copyOf(expected, distinct));
    }
    if (golden.has("outputs.min_decision_margin")) {
      golden.ignore("outputs.min_decision_margin");
    }
  }

  @Test
  void fourTokensTwoAlike_keepsOneOfThePair() {
    Matrix features =
        Matrix.of(
            new float[] {1, 0, 0},
            new float[] {0, 1, 0},
            new float[] {2, 0, 0},
            new float[] {0, 0, 1});

    // 1 and 3 are equally lonely; then 0, 2 and 3 are equally far from 1, then 3 is farther than 2.
    assertThat(DivPrune.greedy(features, 4)).containsExactly(1, 0, 3, 2);
  }

  @Test
  void lazyPicksAreThoseOfTheFullMatrix() {
    RandomTries.of(60, draws -> assertSamePicks(draws.anyLong(), draws.integer(2, 200)));
  }

  private static void assertSamePicks(long seed, int n) {
    Matrix features =
        RandomTokens.of(seed, RandomTokens.single(1, 1))
            .matrix(n, 5)
            .minus(new float[] {0.5f, 0.5f, 0.5f, 0.5f, 0.5f});
    int count = 1 + (int) Math.floorMod(seed, (long) n - 1);

    assertThat(DivPrune.greedy(features, count)).containsExactly(plain(features, count));
  }

  private static int[] plain(Matrix features, int count) {
    Matrix unit = features.unitRows();
    Matrix cosines = unit.timesTransposed(unit);
    int n = features.rows();
    float[] nearest = new float[n];
    Arrays.fill(nearest, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        nearest[i] =
            i == j ? nearest[i] : Math.max(nearest[i], DivPrune.snapped(cosines.get(i, j)));
      }
    }
    int[] picks = new int[count];
    for (int k = 0; k < count; k++) {
      int best = -1;
      for (int j = 0; j < n; j++) {
        boolean free = true;
        for (int p = 0; p < k; p++) {
          free &= picks[p] != j;
        }
        best = free && (best < 0 || nearest[j] < nearest[best]) ? j : best;
      }
      picks[k] = best;
      if (k == 0) {
        Arrays.fill(nearest, Float.NEGATIVE_INFINITY);
      }
      for (int j = 0; j < n; j++) {
        nearest[j] = Math.max(nearest[j], DivPrune.snapped(cosines.get(best, j)));
      }
    }
    return picks;
  }
}
