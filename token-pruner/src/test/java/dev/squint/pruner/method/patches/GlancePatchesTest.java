package dev.squint.pruner.method.patches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import dev.squint.pruner.evidence.QuestionEmbeddings;
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

  /**
   * A tile of 3 x 3 groups whose corners 0 and 8 are encoded first, 0 with all relevance. A group's
   * score is w / (w + w'), with the weights of the distances to both corners, which grows with w /
   * w' = exp(first / 2 (d'^2 - d^2)) = exp(first / 2 (8 - 4 row - 4 col)): first of all (0, 1) and
   * (1, 0), then the other diagonal.
   */
  @Test
  void groupsFollowInTheOrderOfTheWeightedMeans() {
    GlancePatches words = new GlancePatches(0.25, GlancePatches.Guide.WORDS);

    assertThat(words.reduce(corners(), Budget.count(4)).kept()).containsExactly(0, 1, 3, 8);
    assertThat(words.reduce(corners(), Budget.count(7)).kept())
        .containsExactly(0, 1, 2, 3, 4, 6, 8);
    assertThat(words.reduce(corners(), Budget.count(1)).kept()).containsExactly(0);
  }

  /**
   * Scores of T = 1 word and 2 tokens of D = 2: unit rows 2 x 8 and 8, cosines 2 x 2 x 2, their
   * mean 3 and its difference 2, softmax of the word 4, its sharpening 1, weighted means 4: 46.
   * Softmax of both 8; 9 x 2 pairs of 10; 9 means.
   */
  @Test
  void operationsByWords() {
    GlancePatches words = new GlancePatches(0.25, GlancePatches.Guide.WORDS);
    TokenReduction decision = words.reduce(corners(), Budget.count(4));

    assertThat(words.operations(corners(), Budget.count(4), decision)).isEqualTo(46 + 8 + 180 + 9);
  }

  private static PatchGroups corners() {
    QuestionEmbeddings question = new QuestionEmbeddings();
    List<Tile> tile = List.of(Tile.global(0, 3, 3));
    float[] features = new float[18];
    features[0] = 1;
    features[17] = 1;
    PatchTokens first =
        PatchTokens.encoded(
                tile,
                new Matrix(9, 2, features),
                EvidenceSet.nothing().with(question, new Matrix(1, 2, new float[] {1, 0})))
            .reduced(TokenReduction.keep(9, new int[] {0, 8}));
    return PatchGroups.of(tile, new Matrix(9, 3, new float[27]))
        .with(new FirstLook(0.25, Set.of(question)), first);
  }

  @Test
  void theShareOfTheFirstIsChecked() {
    for (double first : new double[] {0, 1, Double.NaN}) {
      assertThatThrownBy(() -> new GlancePatches(first, GlancePatches.Guide.WORDS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("first must be in (0, 1)");
    }
  }
}
