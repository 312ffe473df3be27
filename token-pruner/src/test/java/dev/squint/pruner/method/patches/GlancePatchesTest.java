package dev.squint.pruner.method.patches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.FirstLook;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GlancePatchesTest {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final GlancePatches GLANCE =
      new GlancePatches(0.25, GlancePatches.Guide.ATTENTION);

  /** A tile of 4 x 4 groups; the first ones are 5, 7, 13 and 15, with this attention. */
  private static PatchGroups groups(float... attention) {
    List<Tile> tile = List.of(Tile.global(0, 4, 4));
    PatchTokens all =
        PatchTokens.encoded(tile, new Matrix(16, 2, new float[32]), EvidenceSet.nothing());
    PatchTokens first = all.reduced(TokenReduction.keep(16, new int[] {5, 7, 13, 15}));
    return PatchGroups.of(tile, new Matrix(16, 3, new float[48]))
        .with(
            new FirstLook(0.25, Set.of(ATTENTION)),
            first.with(ATTENTION, Attention.of(new Matrix(1, 4, attention))));
  }

  @Test
  void groupsNearAttendedOnes_follow() {
    int[] kept = GLANCE.reduce(groups(0.9f, 0.02f, 0.05f, 0.03f), Budget.count(7)).kept();

    // The first four, and three in the corner of group 5.
    assertThat(kept).contains(5, 7, 13, 15).hasSize(7);
    assertThat(kept).contains(0, 1, 4);
  }

  @Test
  void aBudgetOfFewerThanTheFirst_keepsTheBestOfThem() {
    assertThat(GLANCE.reduce(groups(0.1f, 0.4f, 0.2f, 0.3f), Budget.count(2)).kept())
        .containsExactly(7, 15);
  }
}
