package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Codes of rows and what is read back, worked out by hand. */
class CacheCodesByHandTest {

  private static CachedTokens cache(List<Matrix> keys, List<Matrix> values) {
    return Caches.of(keys, values, EvidenceSet.nothing());
  }

  @Test
  void blocksHaveTheirOwnSteps_andSmallerOnesAtTheEnd() {
    Matrix rows = Matrix.of(new float[] {0, 1, 5}, new float[] {2, 0, 7}, new float[] {3, 9, 4});

    QuantizedMatrix quantised = QuantizedMatrix.of(rows, 1, 2, 2);

    // The first block has a step of 2, and 1 is half of it, which rounds to the even code 0.
    assertThat(quantised.codes()).isDeepEqualTo(new int[][] {{0, 0, 0}, {1, 0, 1}, {0, 1, 0}});
    assertThat(quantised.least()).isEqualTo(Matrix.of(new float[] {0, 5}, new float[] {3, 4}));
    assertThat(quantised.step()).isEqualTo(Matrix.of(new float[] {2, 2}, new float[] {6, 0}));
    assertThat(quantised.dequantised())
        .isEqualTo(Matrix.of(new float[] {0, 0, 5}, new float[] {2, 0, 7}, new float[] {3, 9, 4}));
    // A byte for each row of three bits, two floats for each block.
    assertThat(quantised.bytes()).isEqualTo(3 + 4 * 8);
  }

  @Test
  void importantRowsHaveMoreCodes() {
    // Rows 0 and 2 in 2 bits, the others in 1. By channel, so of 1, 9 and 4 the last becomes 1.
    Matrix key =
        Matrix.of(
            new float[] {0, 5},
            new float[] {1, 7},
            new float[] {3, 5},
            new float[] {9, 8},
            new float[] {4, 7});
    // The channels' largest are 4, 1, 0 and 9, so they are divided by 2, 1, 1 and 3. Row 0 becomes
    // 2, 1, 0, 3, four codes. Row 1 becomes 1, 0, 0, -1; 0 is between two codes and takes the
    // lower.
    Matrix first =
        Matrix.of(
            new float[] {4, 1},
            new float[] {2, 0},
            new float[] {0, 0},
            new float[] {0, 0},
            new float[] {0, 0});
    Matrix second =
        Matrix.of(
            new float[] {0, 9},
            new float[] {0, -3},
            new float[] {0, -9},
            new float[] {0, 0},
            new float[] {0, 6});
    MixedPrecision storage = new MixedPrecision(new int[] {0, 2}, 2, 1);

    CachedTokens read = storage.asRead(cache(List.of(key, key), List.of(first, second)));

    Matrix readKey =
        Matrix.of(
            new float[] {0, 5},
            new float[] {1, 7},
            new float[] {3, 5},
            new float[] {9, 8},
            new float[] {1, 7});
    assertThat(read.keys()).containsExactly(readKey, readKey);
    assertThat(read.values().get(0))
        .isEqualTo(
            Matrix.of(
                new float[] {4, 1},
                new float[] {2, -1},
                new float[] {0, 0},
                new float[] {0, 0},
                new float[] {0, 0}));
    assertThat(read.values().get(1))
        .isEqualTo(
            Matrix.of(
                new float[] {0, 9},
                new float[] {-1, -3},
                new float[] {0, -9},
                new float[] {0, 0},
                new float[] {0, 6}));
  }

  @Test
  void storagesDifferByRowsAndBits() {
    MixedPrecision storage = new MixedPrecision(new int[] {0, 2}, 4, 2);

    assertThat(storage)
        .isEqualTo(new MixedPrecision(new int[] {0, 2}, 4, 2))
        .hasSameHashCodeAs(new MixedPrecision(new int[] {0, 2}, 4, 2))
        .isNotEqualTo(new MixedPrecision(new int[] {0, 1}, 4, 2))
        .isNotEqualTo(new MixedPrecision(new int[] {0, 2}, 3, 2))
        .isNotEqualTo(new MixedPrecision(new int[] {0, 2}, 4, 1))
        .isNotEqualTo("MixedPrecision")
        .hasToString("MixedPrecision[2 rows in 4 bits, the others in 2]");
    // Arrays.hashCode of {0, 2} is (31 + 0) * 31 + 2.
    assertThat(storage.hashCode()).isEqualTo(963 + 31 * 4 + 2);
  }

  @Test
  void quantisedStoresAllRowsAlike() {
    Matrix rows = Matrix.of(new float[] {0, 1}, new float[] {1, 0});
    Quantised policy = new Quantised(1, 1);
    CacheDecision decision = policy.decide(cache(List.of(rows), List.of(rows)), Budget.adaptive());

    assertThat(decision.storage()).isEqualTo(new MixedPrecision(new int[] {0, 1}, 1, 1));
    assertThat(policy.stores()).isTrue();
    assertThat(new Quantised(8, 1).bits()).isEqualTo(8);
    for (int[] refused : new int[][] {{0, 1}, {9, 1}, {1, 0}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Quantised(refused[0], refused[1]))
          .withMessageContaining("bits must be in [1, 8]");
    }
  }

  @Test
  void aMatrixOfRankOne_isItsApproximation() {
    Matrix product = Matrix.of(new float[] {2, 4}, new float[] {1, 2}, new float[] {3, 6});
    LowRank found = LowRank.of(product, Matrix.of(new float[] {1}, new float[] {0}), 1);

    close(found.product(), 2, 4, 1, 2, 3, 6);
    // Three and two floats.
    assertThat(found.bytes()).isEqualTo(20);
  }

  /**
   * E = diag(1, 2), from [1, 1]. The first round gives E [1, 1] = [1, 2]; of its direction q the
   * approximation q q' E is [1, 4; 2, 8] / 5. The second starts from E' [1, 2] = [1, 4], which
   * gives [1, 8] and [1, 16; 8, 128] / 65. A second column that is the same adds nothing.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "1, 2", "2, 2"})
  void eachRoundTurnsTowardsTheLargestDirection(int rounds, int columns) {
    Matrix given = Matrix.of(new float[] {1, 0}, new float[] {0, 2});
    Matrix start =
        columns == 1
            ? Matrix.of(new float[] {1}, new float[] {1})
            : Matrix.of(new float[] {1, 1}, new float[] {1, 1});

    Matrix product = LowRank.of(given, start, rounds).product();

    if (rounds == 1) {
      close(product, 0.2, 0.8, 0.4, 1.6);
    } else {
      close(product, 1 / 65., 16 / 65., 8 / 65., 128 / 65.);
    }
  }

  @Test
  void twoDirectionsAreMadeOrthogonal() {
    // Of rank 2, so two directions give it back, whatever their angle.
    Matrix given = Matrix.of(new float[] {1, 0, 0}, new float[] {3, 2, 0}, new float[] {0, 0, 0});
    Matrix start = Matrix.of(new float[] {1, 1}, new float[] {1, 0.5f}, new float[] {0, 0});

    close(LowRank.of(given, start, 1).product(), 1, 0, 0, 3, 2, 0, 0, 0, 0);
    close(LowRank.of(given, start, 2).product(), 1, 0, 0, 3, 2, 0, 0, 0, 0);
  }

  private static void close(Matrix actual, double... expected) {
    assertThat(actual.data()).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      // Single precision over a few sums of numbers up to 6.
      assertThat((double) actual.data()[i]).as("number %d", i).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void outliersStayAndTheMeanTakesTheirPlace() {
    Matrix line = Matrix.of(new float[] {0, 1, 2, 3, 8, -6, 6});

    CodedLines lines = CodedLines.of(line, 1, 3, 1);

    // The mean is 2. Groups 0, 1, 2, where 1 rounds to 0, and 3, 2, 2; then 6 without a code.
    assertThat(lines.places()).isDeepEqualTo(new short[][] {{4, 5}});
    assertThat(lines.outliers()).isEqualTo(Matrix.of(new float[] {8, -6}));
    assertThat(lines.rest()).isEqualTo(Matrix.of(new float[] {6}));
    assertThat(lines.codes().least()).isEqualTo(Matrix.of(new float[] {0, 2}));
    assertThat(lines.read()).isEqualTo(Matrix.of(new float[] {0, 0, 2, 3, 8, -6, 6}));
    // A byte of six bits, two floats for each group, three floats and two places.
    assertThat(lines.bytes()).isEqualTo(1 + 16 + 12 + 4);
    assertThat(CodedLines.of(line, 1, 3, 9).outliers().cols()).as("of seven").isEqualTo(6);
  }

  private static final Matrix KEYS =
      Matrix.of(new float[] {0, 4}, new float[] {1, 4}, new float[] {2, 6}, new float[] {9, 1});
  private static final Matrix VALUES =
      Matrix.of(new float[] {0, 1}, new float[] {3, 3}, new float[] {5, 5}, new float[] {7, 7});
  private static final Matrix MORE =
      Matrix.of(new float[] {2, 8}, new float[] {3, 3}, new float[] {5, 5}, new float[] {7, 7});

  private static CachedTokens cache() {
    return cache(List.of(KEYS, KEYS), List.of(VALUES, MORE));
  }

  @Test
  void gear_codesKeysByChannelAndValuesByRow() {
    CachedTokens read = new Gear(1, 3, 0, 0, 1, 1).asRead(cache());

    // Three rows of the first channel, 0, 1, 2, become 0, 0, 2; the fourth row is no full group.
    Matrix keys =
        Matrix.of(new float[] {0, 4}, new float[] {0, 4}, new float[] {2, 6}, new float[] {9, 1});
    assertThat(read.keys()).containsExactly(keys, keys);
    // Row 0 is 0, 1, 2 and 8.
    assertThat(read.values().get(0).row(0)).containsExactly(0, 0);
    assertThat(read.values().get(1)).isEqualTo(MORE);
  }

  @Test
  void gear_countsTheOutliersOfALine() {
    // 16 numbers in 4 rows: half of them are 8, 2 of a row, one at either end.
    Gear gear = new Gear(1, 3, 0.5, 0, 1, 1);

    // Of 0, 1, 2, 9 the mean 3 replaces 0 and 9; of 3, 1, 2 the last becomes 1.
    assertThat(gear.coded(List.of(KEYS, KEYS), true, true).get(1).columns(new int[] {0}).data())
        .containsExactly(0, 1, 1, 9);
    assertThat(gear.coded(List.of(KEYS, KEYS), true, false).get(1).columns(new int[] {0}).data())
        .containsExactly(0, 0, 2, 9);
    assertThat(gear.asRead(cache()).keys().get(0).columns(new int[] {0}).data())
        .containsExactly(0, 1, 1, 9);
    // Row 0 of the values is 0, 1, 2, 8 with mean 2.75: 2.75, 1, 2 becomes 2.75, 1 and 2.75.
    assertThat(gear.asRead(cache()).values().get(1).row(0)).containsExactly(2.75f, 8);
    // A quarter is 4 of 16, one of a row, none at either end.
    assertThat(new Gear(1, 3, 0.25, 0, 1, 1).asRead(cache()).keys().get(0).get(1, 0)).isZero();
  }

  @Test
  void gear_givesBackWhatCodesLost() {
    // One number in each head of the keys is wrong, and one of the values: errors of rank 1.
    CachedTokens read = new Gear(1, 3, 0, 1, 2, 1).asRead(cache());

    close(read.keys().get(0), 0, 4, 1, 4, 2, 6, 9, 1);
    close(read.values().get(0), 0, 1, 3, 3, 5, 5, 7, 7);
    // For keys and values codes of 4 lines in a byte, two floats for each, 4 floats of the rest;
    // the approximations have 4 + 2 floats in each of two heads.
    assertThat(new Gear(1, 3, 0, 1, 2, 1).store(cache()).bytes())
        .isEqualTo(2 * (4 + 4 * 8 + 4 * 4 + 2 * 6 * 4));
  }

  @Test
  void gear_countsItsParts() {
    // 16 numbers: 3 operations for a code, one for the means, for keys and values.
    Gear plain = new Gear(1, 3, 0, 0, 1, 1);
    Gear apart = new Gear(1, 3, 0.5, 0, 1, 1);

    assertThat(plain.operations(cache(), plain.decide(cache(), Budget.adaptive())))
        .isEqualTo(2 * 3 * 16);
    assertThat(apart.operations(cache(), apart.decide(cache(), Budget.adaptive())))
        .isEqualTo(2 * 4 * 16);
    assertThat(plain.stores()).isTrue();
    assertThat(plain.decide(cache(), Budget.adaptive()).storage()).isEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0, 0, 1, 1",
    "9, 1, 0, 0, 1, 1",
    "1, 0, 0, 0, 1, 1",
    "1, 1, -0.1, 0, 1, 1",
    "1, 1, 1, 0, 1, 1",
    "1, 1, 0, -1, 1, 1",
    "1, 1, 0, 0, 0, 1",
    "1, 1, 0, 0, 1, 0"
  })
  void gear_refusesWhatCannotBe(
      int bits, int group, double outliers, int rank, int rounds, int every) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Gear(bits, group, outliers, rank, rounds, every));
    assertThat(new Gear(8, 1, 0, 0, 1, 1).bits()).isEqualTo(8);
  }
}
