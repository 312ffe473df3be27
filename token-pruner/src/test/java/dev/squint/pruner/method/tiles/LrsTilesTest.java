package dev.squint.pruner.method.tiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.CropTokens.Candidate;
import dev.squint.pruner.CropTokens.Place;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.CoarseCrops;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.maths.RelevanceHead;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.tiles.LrsTiles.Guide;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

public class LrsTilesTest {
  private static final GlanceAttention GLANCE = new GlanceAttention(2);
  private static final LrsTiles ONE = new LrsTiles(2, 0.25, Guide.LAYERS, 1, 1, 1);
  private static final LrsTiles TWO = new LrsTiles(2, 0.25, Guide.LAYERS, 2, 1, 0.5);
  private static final GlobalViews VIEWS = new GlobalViews(Set.of(GLANCE));
  private static final CoarseCrops COARSER = new CoarseCrops(ONE, 0.5, Set.of(GLANCE));

  /**
   * The tiles of the next level that the authors' code selects by a token are selected here, and
   * all of these show a token that it selects. Its newlines select the last column of tiles too.
   */
  public static void agreesWith(GoldenCase golden, float[] attention) {
    int rows = golden.integer("params.tokens_h");
    int cols = golden.integer("params.tokens_per_row_incl_newline");
    int[] blocks = golden.integers("params.next_level_blocks_hw");
    LrsTiles method = new LrsTiles(2, golden.number("params.pruning_ratio"), Guide.LAYERS, 1, 1, 1);
    CropTokens crops =
        CropTokens.of(candidates(0, blocks[0], blocks[1]))
            .with(VIEWS, tokens(List.of(Tile.global(0, rows, cols)), attention));
    Set<Integer> ours =
        IntStream.of(method.reduce(crops, Budget.adaptive()).kept())
            .boxed()
            .collect(Collectors.toSet());

    Set<Integer> byTokens = new HashSet<>();
    Set<Integer> shown = new HashSet<>();
    for (int i : golden.integers("outputs.selected_token_indices_sorted(incl newline column)")) {
      int row = i / cols * blocks[0] / rows;
      int col = i % cols * blocks[1] / cols;
      int toRow = ((i / cols + 1) * blocks[0] - 1) / rows;
      int toCol = ((i % cols + 1) * blocks[1] - 1) / cols;
      if (i % cols < cols - 1) {
        byTokens.add(row * blocks[1] + col);
      }
      shown.addAll(
          List.of(
              row * blocks[1] + col,
              row * blocks[1] + toCol,
              toRow * blocks[1] + col,
              toRow * blocks[1] + toCol));
    }
    assertThat(ours).containsAll(byTokens);
    assertThat(shown).containsAll(ours);
    for (int[] tile : golden.integerRows("outputs.selected_next_level_tiles_[row,col]")) {
      assertThat(ours.contains(tile[0] * blocks[1] + tile[1]) || tile[1] == blocks[1] - 1)
          .as("tile %d, %d is selected by a token or a newline", tile[0], tile[1])
          .isTrue();
    }
  }

  @Test
  void theNeedsAreTheViewAndWithTwoLevelsTheCoarserCropsThatItSelects() {
    assertThat(ONE.needs()).containsExactly(VIEWS);
    assertThat(TWO.needs()).containsExactlyInAnyOrder(VIEWS, COARSER);
    assertThat(ONE.zoom()).isEqualTo(1);
    assertThat(new LrsTiles(2, 0.25, Guide.LAYERS, 1, 2, 1).zoom()).isEqualTo(2);
  }

  /**
   * The view attends to its first token only. Of the two coarser crops below that were encoded, the
   * left one is attended to in its upper right token and the right one in its lower left token.
   */
  @Test
  void twoLevels_chooseByTheCoarserCropsAndNotByTheView() {
    PatchTokens view = tokens(List.of(Tile.global(0, 2, 2)), 0.9f, 0, 0, 0);
    PatchTokens coarser = coarser(0, 0, 0.5f, 0, 0, 0, 0, 0.3f, 0.1f);
    CropTokens crops = crops(0, 4).with(VIEWS, view).with(COARSER, coarser);

    assertThat(ONE.reduce(crops, Budget.count(1)).kept()).containsExactly(0);
    // Fine crops are numbered by rows of four.
    assertThat(TWO.reduce(crops, Budget.count(1)).kept()).containsExactly(9);
    assertThat(TWO.reduce(crops, Budget.count(2)).kept()).containsExactly(9, 14);
    assertThat(TWO.reduce(crops, Budget.count(3)).kept()).containsExactly(9, 14, 15);
    // A quarter of eight tokens are two.
    assertThat(TWO.reduce(crops, Budget.adaptive()).kept()).containsExactly(9, 14);
    assertThat(TWO.operations(crops, Budget.count(1), TokenReduction.keep(16, new int[] {9})))
        .isEqualTo(4 * 8 + 9 * 16 * 8);
  }

  /** The left crop has the larger sum, but the most attended token lies in the right one. */
  @Test
  void withoutABudget_cropsOfTheMostAttendedTokensStay() {
    PatchTokens view = tokens(List.of(Tile.global(0, 1, 4)), 0.3f, 0.3f, 0.4f, 0);
    CropTokens crops = CropTokens.of(candidates(0, 1, 2)).with(VIEWS, view);

    assertThat(ONE.reduce(crops, Budget.adaptive()).kept()).containsExactly(1);
    assertThat(ONE.reduce(crops, Budget.count(1)).kept()).containsExactly(0);
  }

  @Test
  void pictureWithoutCoarserCrops_isChosenByItsView() {
    PatchTokens views =
        tokens(List.of(Tile.global(0, 2, 2), Tile.global(1, 2, 2)), 1, 0, 0, 0, 0, 0, 0, 1);
    List<Candidate> both =
        Stream.concat(candidates(0, 4, 4).stream(), candidates(1, 2, 2).stream()).toList();
    CropTokens crops =
        CropTokens.of(both).with(VIEWS, views).with(COARSER, coarser(0, 0, 0, 0, 1, 0, 0, 0, 0));

    // The first picture has four times as many crops.
    assertThat(TWO.reduce(crops, new Budget.Adaptive(0, 1)).kept()).contains(13, 19);
    assertThat(TWO.reduce(crops, Budget.count(5)).kept()).contains(13, 19);
  }

  /** The logit of a token is GELU of its first value, which is the larger for larger values. */
  @Test
  void theHeadScoresTheTokensInsteadOfTheLayers() {
    LrsTiles byHead = new LrsTiles(2, 0.25, Guide.HEAD, 1, 1, 1);
    QuestionEmbeddings question = new QuestionEmbeddings();
    Trained head = new Trained("lrs");
    PatchTokens view =
        PatchTokens.encoded(
            List.of(Tile.global(0, 2, 2)),
            new Matrix(4, 2, new float[] {0, 0, 0, 0, 3, -3, 0, 0}),
            EvidenceSet.nothing()
                .with(question, new Matrix(1, 2, new float[] {1, -1}))
                .with(head, head()));
    GlobalViews views = new GlobalViews(Set.of(question, head));
    CropTokens crops = crops(0, 2).with(views, view);

    assertThat(byHead.needs()).containsExactly(views);
    assertThat(byHead.reduce(crops, Budget.count(1)).kept()).containsExactly(2);
    assertThat(byHead.reduce(crops, Budget.adaptive()).kept()).containsExactly(2);
    // Softmax of four logits and four sums of shares beside the head and the crops.
    double ofHead = new RelevanceHead(head()).operations(4, 1);
    assertThat(byHead.operations(crops, Budget.count(1), TokenReduction.keep(4, new int[] {2})))
        .isEqualTo(ofHead + 4 * 4 + 4 + 9 * 4 * 4);
  }

  @Test
  void numbersOutOfRange_areNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LrsTiles(2, 0.25, Guide.LAYERS, 3, 1, 0.5))
        .withMessage("levels and zoom must be 1 or 2 and coarse in (0, 1] but were 3, 1 and 0.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LrsTiles(2, 0.25, Guide.LAYERS, 2, 1, 0))
        .withMessageContaining("2, 1 and 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LrsTiles(0, 0.25, Guide.LAYERS, 1, 1, 0.5))
        .withMessageContaining("layers must be at least 1");
  }

  /** One query of one value, one key, and a logit that follows the first value of a token. */
  private static TrainedWeights head() {
    return new TrainedWeights(
        Map.ofEntries(
            Map.entry("words.norm", new Matrix(2, 2, new float[] {1, 1, 0, 0})),
            Map.entry("tokens.norm", new Matrix(2, 2, new float[] {1, 1, 0, 0})),
            Map.entry("neighbours", new Matrix(1, 6, new float[] {0, 0, 1, 0, 0, 0})),
            Map.entry("neighbours.bias", new Matrix(1, 1, new float[1])),
            Map.entry("pooling", new Matrix(1, 1, new float[1])),
            Map.entry("pooling.bias", new Matrix(1, 1, new float[1])),
            Map.entry("query", new Matrix(1, 1, new float[] {1})),
            Map.entry("query.bias", new Matrix(1, 1, new float[1])),
            Map.entry("key", new Matrix(1, 2, new float[] {1, 0})),
            Map.entry("key.bias", new Matrix(1, 1, new float[1])),
            Map.entry("saliency", new Matrix(1, 2, new float[2])),
            Map.entry("saliency.bias", new Matrix(1, 1, new float[1])),
            Map.entry("mix", new Matrix(1, 2, new float[] {1, 0})),
            Map.entry("mix.bias", new Matrix(1, 1, new float[1])),
            Map.entry("out", new Matrix(1, 1, new float[] {9})),
            Map.entry("out.bias", new Matrix(1, 1, new float[1]))));
  }

  /** Attention to the lower two of two by two coarser crops of two by two tokens. */
  private static PatchTokens coarser(int frame, float... attention) {
    List<Tile> tiles = new ArrayList<>();
    for (int crop = 0; crop < 4; crop++) {
      tiles.add(Tile.crop(frame, 2, 2, new Crop(crop / 2, crop % 2, 2, 2)));
    }
    float[] all = new float[16];
    System.arraycopy(attention, 0, all, 8, 8);
    int[] below = {8, 9, 10, 11, 12, 13, 14, 15};
    return tokens(tiles, all).reduced(TokenReduction.keep(16, below));
  }

  private static PatchTokens tokens(List<Tile> tiles, float... attention) {
    return PatchTokens.encoded(
        tiles,
        new Matrix(attention.length, 1, new float[attention.length]),
        EvidenceSet.nothing().with(GLANCE, Attention.of(Matrix.of(attention))));
  }

  private static CropTokens crops(int frame, int edge) {
    return CropTokens.of(candidates(frame, edge, edge));
  }

  private static List<Candidate> candidates(int frame, int rows, int cols) {
    List<Candidate> candidates = new ArrayList<>();
    double height = 1.0 / rows;
    double width = 1.0 / cols;
    for (int crop = 0; crop < rows * cols; crop++) {
      int row = crop / cols;
      int col = crop % cols;
      candidates.add(
          new Candidate(
              frame,
              new Crop(row, col, rows, cols),
              new Place(row * height, col * width, (row + 1) * height, (col + 1) * width),
              new float[6]));
    }
    return candidates;
  }
}
