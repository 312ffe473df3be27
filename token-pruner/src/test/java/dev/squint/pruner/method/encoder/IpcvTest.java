package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.RestoredRows;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.EarlierHidden;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class IpcvTest {

  /** Row 0 is the CLS token's, which is always kept. */
  public static void agreesWith(GoldenCase golden) {
    Ipcv method = new Ipcv(golden.integer("params.neighbours"), 3);
    Matrix rows = golden.matrix("inputs.rows_[S,D]");
    int[] patches = IntStream.range(1, rows.rows()).toArray();
    PatchTokens tokens =
        tokens(
            List.of(Tile.global(0, 1, patches.length)),
            golden.matrix("inputs.earlier_[S,D]").rows(patches),
            rows.rows(patches));

    int[] chosen = method.reduce(tokens, Budget.count(golden.integer("params.keep"))).kept();
    int[] kept = IntStream.concat(IntStream.of(0), IntStream.of(chosen).map(i -> i + 1)).toArray();

    golden.assertIntegers("outputs.kept_rows", kept);
    golden.assertMatrix(
        "outputs.restored_[S,D]",
        method.restored(rows, kept).with(golden.matrix("inputs.later_[kept,D]")));
  }

  private static PatchTokens tokens(List<Tile> tiles, Matrix earlier, Matrix now) {
    return PatchTokens.encoded(
        tiles, now, EvidenceSet.nothing().with(new EarlierHidden(), earlier));
  }

  @Test
  void inEachTileTheTokensThatChangedMostStay() {
    Matrix earlier = new Matrix(6, 2, new float[12]);
    Matrix now = new Matrix(6, 2, new float[] {9, 9, 8, 8, 7, 7, 0, 1, 3, 4, 0, 4});

    assertThat(
            new Ipcv(10, 3)
                .reduce(tokens(RandomTokens.frames(2, 1, 3), earlier, now), Budget.count(4))
                .kept())
        .containsExactly(0, 1, 4, 5);
  }

  /** Lengths 1, 5 and 8; the sums of both states would be longest for the first. */
  @Test
  void theChangeIsThatFromTheLayerBefore() {
    Matrix earlier = Matrix.of(new float[] {9, 9}, new float[] {0, 0}, new float[] {1, 1});
    Matrix now = Matrix.of(new float[] {9, 10}, new float[] {3, 4}, new float[] {1, 9});

    assertThat(Ipcv.changes(tokens(RandomTokens.single(1, 3), earlier, now)))
        .containsExactly(1, 5, 8);
  }

  /** Two kept and two dropped rows of two values; each dropped one follows its nearest. */
  @Test
  void allValuesOfARowAreRestored() {
    Matrix before =
        Matrix.of(new float[] {0, 0}, new float[] {10, 0}, new float[] {0, 1}, new float[] {11, 2});

    RestoredRows rows = new Ipcv(1, 3).restored(before, new int[] {0, 1});

    assertThat(rows.kept()).containsExactly(0, 1);
    assertThat(rows.with(Matrix.of(new float[] {1, 2}, new float[] {10, 5})).data())
        .containsExactly(1, 2, 10, 5, 1, 3, 11, 7);
    assertThat(rows.operations()).isEqualTo(3 * 2 * 2 * 2);
    assertThat(rows.restoringOperations()).isEqualTo(2 * (2 + 2 * (1 + 2)));
  }

  @Test
  void aDroppedRowFollowsItsNearestKeptOnes() {
    Matrix before = new Matrix(5, 1, new float[] {0, 10, 11, 2, 100});
    // Rows 0, 1 and 4 are kept. 2 is nearest to 1, then 0; 3 to 0, then 1.
    int[] kept = {0, 1, 4};
    Matrix now = new Matrix(3, 1, new float[] {4, 20, 0});

    RestoredRows one = RestoredRows.of(before, kept, 1);
    assertThat(one.with(now).data()).containsExactly(4, 20, 21, 6, 0);
    assertThat(RestoredRows.of(before, kept, 2).with(now).data()).containsExactly(4, 20, 18, 9, 0);
    // All three: a mean change of (4 + 10 - 100) / 3.
    assertThat(RestoredRows.of(before, kept, 7).with(now).get(3, 0))
        .isCloseTo(2 - 86f / 3, org.assertj.core.data.Offset.offset(1e-5f));
    // Two dropped and three kept rows of one value; a mean of one change each, and its sum.
    assertThat(one.operations()).isEqualTo(3 * 2 * 3);
    assertThat(one.restoringOperations()).isEqualTo(3 + 2 * (1 + 2));
    RestoredRows all = RestoredRows.of(before, new int[] {0, 1, 2, 3, 4}, 1);
    assertThat(all.with(before)).isEqualTo(before);
    assertThat(all.restoringOperations()).isZero();
  }

  @Test
  void settingsAndCompanyAreChecked() {
    assertThatThrownBy(() -> new Ipcv(0, 3)).hasMessageContaining("neighbours must be at least 1");
    assertThatThrownBy(() -> new Ipcv(1, -1)).hasMessageContaining("stabilised at least 0");
    assertThatThrownBy(() -> PruningPlan.parse("encoder1:tome(keep=0.5) + encoder2:ipcv(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("remove 'encoder1:tome(keep=0.5)'");
  }
}
