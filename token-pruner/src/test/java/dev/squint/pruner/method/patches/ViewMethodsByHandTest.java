package dev.squint.pruner.method.patches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Choices by the global view whose numbers are worked out from the definitions. */
class ViewMethodsByHandTest {
  private static final ClsAttention EARLY = new ClsAttention(0);
  private static final ClsAttention LATE = new ClsAttention(-1);
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();

  /**
   * Tokens whose relevance to a question of one word is in proportion to {@code weights}: the
   * softmax of cosines / 0.1 is that of ln(weight).
   */
  private static PatchTokens view(int rows, int cols, double... weights) {
    float[] features = new float[2 * weights.length];
    for (int i = 0; i < weights.length; i++) {
      double cosine = 0.1 * Math.log(weights[i]);
      features[2 * i] = (float) cosine;
      features[2 * i + 1] = (float) Math.sqrt(1 - cosine * cosine);
    }
    return PatchTokens.encoded(
        List.of(Tile.global(0, rows, cols)),
        new Matrix(weights.length, 2, features),
        EvidenceSet.nothing().with(QUESTION, new Matrix(1, 2, new float[] {1, 0})));
  }

  /** The numbers of the kept groups of the crops, the view's groups left out. */
  private static int[] keptOfCrops(CdPrunerPatches method, PatchGroups groups, int count) {
    int view = groups.tiles().get(groups.tiles().size() - 1).tokens();
    return IntStream.of(method.reduce(groups, Budget.count(view + count)).kept())
        .filter(group -> group < groups.size() - view)
        .toArray();
  }

  private static PatchGroups groups(PatchTokens view, Tile... crops) {
    List<Tile> tiles =
        IntStream.rangeClosed(0, crops.length)
            .mapToObj(t -> t < crops.length ? crops[t] : view.tiles().get(0))
            .toList();
    int n = tiles.stream().mapToInt(Tile::tokens).sum();
    return PatchGroups.of(tiles, new Matrix(n, 3, new float[3 * n]))
        .with(new GlobalViews(Set.of(QUESTION)), view);
  }

  /**
   * The first pick is the corner (0, 0). It leaves a group of relevance w at distance (r, c) the
   * residual w^2 (1 - K(r)^2 K(c)^2), where K(d) is the mean of cos(t d) over t = 30, 90 and 150
   * degrees / reach. K(reach) = 0, so of two groups, one at (r, c) with relevance 1 and one at a
   * distance of reach with relevance w, the second pick is the latter if w is above sqrt(1 - K(r)^2
   * K(c)^2).
   *
   * <ul>
   *   <li>reach 2: K(1) = (0.9659 + 0.7071 + 0.2588) / 3 = 0.6440, the border is 0.7651
   *   <li>reach 4: K(1) = (0.9914 + 0.9239 + 0.7934) / 3 = 0.9029, the border is 0.4299
   *   <li>reach 4: K(2) = 0.6440, the border is 0.7651
   *   <li>reach 4: K(3) = (0.9239 + 0.3827 - 0.3827) / 3 = 0.3080, the border is 0.9514
   *   <li>reach 4: K(2) K(1) = 0.5814, the border is 0.8136
   *   <li>reach 4: K(3) K(2) = 0.1983, the border is 0.9801
   * </ul>
   */
  @ParameterizedTest
  @CsvSource({
    "2, 0, 1, 0.7651",
    "2, 1, 0, 0.7651",
    "4, 0, 1, 0.4299",
    "4, 1, 0, 0.4299",
    "4, 0, 2, 0.7651",
    "4, 2, 0, 0.7651",
    "4, 0, 3, 0.9514",
    "4, 3, 0, 0.9514",
    "4, 2, 1, 0.8136",
    "4, 1, 2, 0.8136",
    "4, 3, 2, 0.9801"
  })
  void cdpruner_theSecondPickIsUnlikeTheFirst(int reach, int row, int col, double border) {
    int side = reach + 1;
    int near = row * side + col;
    for (int far : new int[] {reach, reach * side}) {
      for (double weight : new double[] {border - 0.002, border + 0.002}) {
        double[] weights = new double[side * side];
        Arrays.fill(weights, 0.02);
        weights[0] = 2;
        weights[near] = 1;
        weights[far] = weight;
        Tile crop = Tile.crop(0, side, side, new Crop(0, 0, 1, 1));
        PatchGroups groups = groups(view(side, side, weights), crop);

        int[] kept = keptOfCrops(new CdPrunerPatches(TextGuided.Guide.WORDS, reach), groups, 2);

        assertThat(kept).containsExactly(0, weight < border ? near : far);
      }
    }
  }

  /** Of 6 groups for two crops, whose relevance adds up to 4 and 8, the crops get 2 and 4. */
  @Test
  void cdpruner_cropsShareByTheSumOfTheirRelevance() {
    PatchGroups groups =
        groups(
            view(1, 8, 1, 1, 1, 1, 2, 2, 2, 2),
            Tile.crop(0, 1, 4, new Crop(0, 0, 1, 2)),
            Tile.crop(0, 1, 4, new Crop(0, 1, 1, 2)));

    int[] kept = keptOfCrops(new CdPrunerPatches(TextGuided.Guide.WORDS, 3), groups, 6);

    assertThat(kept).hasSize(6);
    assertThat(IntStream.of(kept).filter(group -> group < 4)).hasSize(2);
  }

  /** A crop of two groups with a column of padding: padding is never picked before the picture. */
  @Test
  void cdpruner_paddingIsTheLeastRelevant() {
    Tile padded = new Tile(0, 1, 4, new Crop(0, 0, 1, 1), new Tile.Area(0, 1, 1, 3));
    PatchGroups groups = groups(view(1, 2, 1, 1), padded);
    CdPrunerPatches method = new CdPrunerPatches(TextGuided.Guide.WORDS, 3);

    assertThat(keptOfCrops(method, groups, 2)).containsExactly(1, 2);
    assertThat(keptOfCrops(method, groups, 3)).containsExactly(0, 1, 2);
  }

  /**
   * T = 1 word of D = 2, a view of N = 4, crops of n = 4 and 2 groups with 2 and 1 picks. Scores:
   * unit rows 4 x 8 and 1 x 8, cosines 2 x 4 x 2, their mean 5 and its difference 4, softmax of the
   * word 4, its sharpening 1, weighted means 8: 78. Softmax over the view 16, interpolation 9 x 6.
   * Of a crop: places n x 36; for each pick a row of the kernel, n (2 x 36 + 2); its
   * orthogonalisation 2n for each earlier pick; 3n to scale and subtract it. 144 + 2 x 296 + 8 + 24
   * for one, 72 + 148 + 0 + 6 for the other.
   */
  @Test
  void cdpruner_countsItsOperations() {
    PatchGroups groups =
        groups(
            view(1, 4, 1, 1, 1, 1),
            Tile.crop(0, 1, 4, new Crop(0, 0, 1, 2)),
            Tile.crop(0, 1, 2, new Crop(0, 1, 1, 2)));
    CdPrunerPatches method = new CdPrunerPatches(TextGuided.Guide.WORDS, 3);
    TokenReduction decision = TokenReduction.keep(10, new int[] {0, 2, 4, 6, 7, 8, 9});

    assertThat(method.operations(groups, Budget.count(7), decision))
        .isEqualTo(78 + 16 + 54 + 768 + 226);
  }

  /**
   * Of a view of 3 x 5 tokens the first row lies above the middle, two columns left of it: the
   * centres of the second row and of the third column are on the middle and belong to what follows.
   * So 2 x 2 crops have 2, 3, 4 and 6 tokens. With one token that counts twice 2, 3, 5 and 6.
   */
  @Test
  void hired_cropsShareByTheEarlyAttentionToTheirRegion() {
    float[] early = new float[15];
    Arrays.fill(early, 1);

    assertThat(hiRedShares(early, 15)).containsExactly(2, 3, 4, 6);
    early[5] = 2;
    assertThat(hiRedShares(early, 16)).containsExactly(2, 3, 5, 6);
  }

  private static long[] hiRedShares(float[] early, int count) {
    float[] late = new float[15];
    Arrays.fill(late, 1);
    PatchTokens view =
        PatchTokens.encoded(
            List.of(Tile.global(0, 3, 5)),
            new Matrix(15, 2, new float[30]),
            EvidenceSet.nothing()
                .with(EARLY, Attention.of(new Matrix(1, 15, early)))
                .with(LATE, Attention.of(new Matrix(1, 15, late))));
    List<Tile> tiles =
        List.of(
            Tile.crop(0, 4, 4, new Crop(0, 0, 2, 2)),
            Tile.crop(0, 4, 4, new Crop(0, 1, 2, 2)),
            Tile.crop(0, 4, 4, new Crop(1, 0, 2, 2)),
            Tile.crop(0, 4, 4, new Crop(1, 1, 2, 2)),
            Tile.global(0, 3, 5));
    PatchGroups groups =
        PatchGroups.of(tiles, new Matrix(79, 3, new float[237]))
            .with(new GlobalViews(Set.of(EARLY, LATE)), view);

    int[] kept = new HiRedPatches().reduce(groups, Budget.count(15 + count)).kept();

    return shares(kept, 4);
  }

  /**
   * The regions of 2 x 2 crops are one token each, so the softmax over their log attention at
   * temperature 1 is the attention, 0.5, 0, 0.25 and 0.25. Less the mean of 0.25 and raised by 1
   * these are 1.25, 0.75, 1 and 1, which of 16 groups of crops are 5, 3, 4 and 4.
   */
  @Test
  void globalcom2_cropsShareByTheirLead() {
    PatchGroups groups =
        attended(
            Tile.global(0, 2, 2),
            new float[] {0.5f, 0, 0.25f, 0.25f},
            Tile.crop(0, 4, 4, new Crop(0, 0, 2, 2)),
            Tile.crop(0, 4, 4, new Crop(0, 1, 2, 2)),
            Tile.crop(0, 4, 4, new Crop(1, 0, 2, 2)),
            Tile.crop(0, 4, 4, new Crop(1, 1, 2, 2)));

    int[] kept = new GlobalCom2Patches(1).reduce(groups, Budget.count(4 + 16)).kept();

    assertThat(shares(kept, 4)).containsExactly(5, 3, 4, 4);
  }

  /** Equal attention; one crop shows 3 x 4 or 4 x 3 groups, the other 2 x 4 or 4 x 2: 3 to 2. */
  @Test
  void globalcom2_cropsShareByTheGroupsThatShowThePicture() {
    PatchGroups above =
        attended(
            Tile.global(0, 2, 1),
            new float[] {0.5f, 0.5f},
            new Tile(0, 4, 4, new Crop(0, 0, 2, 1), new Tile.Area(1, 0, 4, 4)),
            new Tile(0, 4, 4, new Crop(1, 0, 2, 1), new Tile.Area(0, 0, 2, 4)));
    PatchGroups beside =
        attended(
            Tile.global(0, 1, 2),
            new float[] {0.5f, 0.5f},
            new Tile(0, 4, 4, new Crop(0, 0, 1, 2), new Tile.Area(0, 1, 4, 4)),
            new Tile(0, 4, 4, new Crop(0, 1, 1, 2), new Tile.Area(0, 0, 4, 2)));
    GlobalCom2Patches method = new GlobalCom2Patches(1);

    assertThat(shares(method.reduce(above, Budget.count(2 + 10)).kept(), 2)).containsExactly(6, 4);
    assertThat(shares(method.reduce(beside, Budget.count(2 + 10)).kept(), 2)).containsExactly(6, 4);
  }

  private static PatchGroups attended(Tile global, float[] attention, Tile... crops) {
    PatchTokens view =
        PatchTokens.encoded(
            List.of(global),
            new Matrix(attention.length, 1, new float[attention.length]),
            EvidenceSet.nothing()
                .with(LATE, Attention.of(new Matrix(1, attention.length, attention))));
    List<Tile> tiles = new ArrayList<>(List.of(crops));
    tiles.add(global);
    int n = tiles.stream().mapToInt(Tile::tokens).sum();
    return PatchGroups.of(tiles, new Matrix(n, 3, new float[3 * n]))
        .with(new GlobalViews(Set.of(LATE)), view);
  }

  /** How many groups of each crop of 16 are kept. */
  private static long[] shares(int[] kept, int crops) {
    return IntStream.range(0, crops)
        .mapToLong(crop -> IntStream.of(kept).filter(group -> group / 16 == crop).count())
        .toArray();
  }

  /**
   * Attention 0.4, 0.3, 0.2 and 0.1 divided by its mean is 1.6, 1.2, 0.8 and 0.4; relevance 1, 1, 1
   * and 5 is 0.5, 0.5, 0.5 and 2.5. The scores are 1.05, 0.85, 0.65 and 1.45. The crop has them at
   * the same places.
   */
  @Test
  void atpStyle_theScoreIsTheMeanOfAttentionAndRelevance() {
    assertThat(atpStyle(1, 0)).containsExactly(0, 3, 4, 5, 6, 7);
    assertThat(atpStyle(1.1, 0)).containsExactly(3, 4, 5, 6, 7);
    assertThat(atpStyle(0.8, 0)).containsExactly(0, 1, 3, 4, 5, 6, 7);
    assertThat(atpStyle(0.6, 0)).hasSize(8);
    // Every group is on a grid of distance 1; a row of its own is not on one of distance 2.
    assertThat(atpStyle(2, 1)).hasSize(8);
    assertThat(atpStyle(2, 2)).containsExactly(4, 5, 6, 7);
  }

  private static int[] atpStyle(double redundancy, int stride) {
    PatchTokens view =
        view(1, 4, 1, 1, 1, 5)
            .with(LATE, Attention.of(new Matrix(1, 4, new float[] {0.4f, 0.3f, 0.2f, 0.1f})));
    List<Tile> tiles = List.of(Tile.crop(0, 1, 4, new Crop(0, 0, 1, 1)), Tile.global(0, 1, 4));
    PatchGroups groups =
        PatchGroups.of(tiles, new Matrix(8, 3, new float[24]))
            .with(new GlobalViews(Set.of(LATE, QUESTION)), view);
    return new AtpStylePatches(redundancy, stride).reduce(groups, Budget.adaptive()).kept();
  }
}
