package dev.squint.pruner.method.patches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Methods that choose groups of patches by the global view. */
class ViewMethodsTest {
  private static final ClsAttention EARLY = new ClsAttention(0);
  private static final ClsAttention LATE = new ClsAttention(-1);
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();

  /** Four crops of 4 x 4 groups, then the global view of 4 x 4. */
  private static final List<Tile> TILES = RandomTokens.crops(2, 2, 4);

  /**
   * The view's attention, and features whose first value is how well a token suits the question.
   */
  private static PatchGroups groups(Set<Evidence<?>> showing, float[] attention) {
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> kind : showing) {
      if (kind instanceof ClsAttention of) {
        observed = observed.with(of, Attention.of(new Matrix(1, 16, attention)));
      } else {
        observed = observed.with(QUESTION, new Matrix(1, 2, new float[] {1, 0}));
      }
    }
    float[] features = new float[32];
    for (int i = 0; i < 16; i++) {
      features[2 * i] = attention[i];
      features[2 * i + 1] = 1 - attention[i];
    }
    PatchTokens view =
        PatchTokens.encoded(List.of(Tile.global(0, 4, 4)), new Matrix(16, 2, features), observed);
    return PatchGroups.of(TILES, new Matrix(80, 3, new float[240]))
        .with(new GlobalViews(showing), view);
  }

  /** Attention to the upper left quarter, most of all to token (1, 1). */
  private static float[] upperLeft() {
    float[] attention = new float[16];
    Arrays.fill(attention, 0.001f);
    for (int i : new int[] {0, 1, 4}) {
      attention[i] = 0.1f;
    }
    attention[5] = 0.6f;
    return attention;
  }

  private static long of(int[] kept, int tile) {
    return IntStream.of(kept).filter(i -> i / 16 == tile).count();
  }

  @Test
  void globalcom2_keepsTheViewWhole_andGivesTheAttendedCropMore() {
    int[] kept =
        new GlobalCom2Patches(1).reduce(groups(Set.of(LATE), upperLeft()), Budget.count(40)).kept();

    assertThat(of(kept, 4)).isEqualTo(16);
    assertThat(of(kept, 0)).isGreaterThan(of(kept, 3)).isLessThanOrEqualTo(16);
    assertThat(kept).hasSize(40);
  }

  @Test
  void inACrop_theGroupsUnderTheAttendedTokenStay() {
    int[] kept =
        new HiRedPatches()
            .reduce(groups(Set.of(EARLY, LATE), upperLeft()), Budget.count(20))
            .kept();

    // Token (1, 1) of the view lies on rows and columns 2 and 3 of the first crop, and nearly all
    // early attention is to that crop.
    assertThat(kept).hasSize(20).startsWith(10, 11, 14, 15);
    assertThat(of(kept, 4)).isEqualTo(16);
  }

  @Test
  void lessThanTheView_keepsItsBestTokens_andEncodesNoCrop() {
    int[] kept =
        new HiRedPatches().reduce(groups(Set.of(EARLY, LATE), upperLeft()), Budget.count(4)).kept();

    assertThat(kept).containsExactly(64, 65, 68, 69);
  }

  @Test
  void text_takesTheGroupsThatSuitTheQuestion() {
    TextPatches text = new TextPatches(TextGuided.Guide.WORDS, 0.1);

    int[] kept = text.reduce(groups(Set.of(QUESTION), upperLeft()), Budget.count(20)).kept();

    assertThat(kept).startsWith(10, 11, 14, 15);
  }

  @Test
  void cdpruner_spreadsWhereText_doesNot() {
    CdPrunerPatches spread = new CdPrunerPatches(TextGuided.Guide.WORDS, 3);
    PatchGroups groups = groups(Set.of(QUESTION), upperLeft());

    int[] kept = spread.reduce(groups, Budget.count(28)).kept();

    assertThat(kept).hasSize(28);
    int[] first = IntStream.of(kept).filter(i -> i < 16).toArray();
    assertThat(first.length).isGreaterThan(1);
    // Not only the square of 2 x 2 groups under the best token.
    assertThat(IntStream.of(first)).anyMatch(i -> i / 4 < 2 || i % 4 < 2);
  }

  @Test
  void atpStyle_keepsMore_whereTheScoresAreFlat() {
    AtpStylePatches method = new AtpStylePatches(0.99, 0);
    Set<Evidence<?>> showing = Set.of(LATE, QUESTION);
    float[] flat = new float[16];
    Arrays.fill(flat, 1 / 16f);

    int peaked = method.reduce(groups(showing, upperLeft()), Budget.adaptive()).after();
    int even = method.reduce(groups(showing, flat), Budget.adaptive()).after();

    assertThat(even).isEqualTo(80);
    assertThat(peaked).isBetween(17, 50);
    assertThat(method.reduce(groups(showing, upperLeft()), new Budget.Adaptive(0, 0.25)).after())
        .isLessThanOrEqualTo(20);
  }

  @Test
  void atpStyle_keepsASparseGrid_whateverTheScores() {
    AtpStylePatches grid = new AtpStylePatches(1000, 4);

    int[] kept = grid.reduce(groups(Set.of(LATE, QUESTION), upperLeft()), Budget.adaptive()).kept();

    // The view, and one group of each crop.
    assertThat(kept).hasSize(20).startsWith(10, 26, 42, 58);
  }

  @Test
  void paddingOfCrops_isKeptLast() {
    PatchGroups padded =
        RandomTokens.of(3, RandomTokens.twoPictures()).patchGroups(new HiRedPatches().needs());

    int[] kept = new HiRedPatches().reduce(padded, Budget.count(16 + 15 + 24)).kept();

    assertThat(IntStream.of(kept).mapToObj(padded.positions()::get))
        .allMatch(at -> padded.tiles().get(at.tile()).shown().contains(at.row(), at.col()));
  }
}
