package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.AnyRes;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.method.GoldenCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class GlobalCom2Test {

  /** One picture of a global view and crops in LLaVA-NeXT's geometry. */
  public static void agreesWith(GoldenCase golden) {
    int side = golden.integer("params.side");
    int[] size = golden.integers("params.original_size_wh");
    int gridCols = golden.integer("params.num_patch_width");
    int gridRows = golden.integer("params.num_patch_height");
    List<Tile> tiles = AnyRes.tiles(0, side, gridRows, gridCols, size[0], size[1]);
    List<Float> logits = new ArrayList<>();
    for (float z : golden.floats("inputs.thumb_cls_logits")) {
      logits.add(z);
    }
    for (float[] crop : golden.floatRows("inputs.crop_cls_logits")) {
      for (float z : crop) {
        logits.add(z);
      }
    }
    float[] row = new float[logits.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = logits.get(i);
    }
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(row.length, 1, new float[row.length]),
            EvidenceSet.nothing().with(new ClsLogits(-1), Logits.of(Matrix.of(row))));
    double ratio = golden.number("params.retention_ratio");
    GlobalCom2 method = new GlobalCom2(Variant.CODE, golden.number("params.temperature"));
    GlobalCom2.Views views = method.views(tokens);

    int[] kept = method.reduce(tokens, Budget.ratio(ratio)).kept();

    double[] ratios = views.ratios(ratio, method.temperature());
    float[] scales = new float[tiles.size() - 1];
    int[] valid = new int[scales.length];
    List<int[]> ofTile = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      int start = t * side * side;
      ofTile.add(
          IntStream.of(kept)
              .filter(i -> i >= start && i < start + side * side)
              .map(i -> i - start)
              .toArray());
    }
    List<int[]> topOrder =
        golden.integerRows("outputs.crop_kept_topk_order_index_into_unpadded_crop");
    List<float[]> commanded = golden.floatRows("outputs.global_scores_per_crop");
    List<int[]> dims = golden.integerRows("outputs.crop_dims_wh");
    int[] budgets = new int[scales.length];
    for (int c = 0; c < scales.length; c++) {
      int[] shown = views.shown(c + 1);
      Tile.Area area = tiles.get(c + 1).shown();
      scales[c] = (float) ratios[c + 1];
      valid[c] = shown.length;
      budgets[c] = ofTile.get(c + 1).length;
      assertThat(new int[] {area.right() - area.left(), area.bottom() - area.top()})
          .containsExactly(dims.get(c));
      GoldenCase.assertClose(
          "global scores of crop " + c, views.commanded(c + 1), commanded.get(c));
      int[] best = Ranking.best(views.scores(c + 1), budgets[c]);
      int[] unpadded = IntStream.of(best).map(i -> Arrays.binarySearch(shown, i)).toArray();
      assertThat(unpadded).as("order of crop %d", c).containsExactly(topOrder.get(c));
    }
    golden.assertFloats("outputs.crop_scales", scales);
    golden.assertIntegers("outputs.crop_valid_tokens", valid);
    golden.assertIntegers("outputs.crop_budget", budgets);
    golden.assertIntegers(
        "outputs.thumb_kept_in_output_order", Ranking.best(views.scores(0), ofTile.get(0).length));
    golden.assertIntegers(
        "outputs.unpadded_wh",
        new int[] {
          IntStream.range(0, gridCols).map(c -> dims.get(c)[0]).sum(),
          IntStream.range(0, gridRows).map(r -> dims.get(r * gridCols)[1]).sum()
        });
    List<int[]> sequence = officialSequence(tiles, ofTile, side, gridRows, gridCols);
    assertThat(sequence)
        .containsExactlyElementsOf(
            golden.integerRows(
                "outputs.final_sequence_after_thumbnail_[crop,source_token]_newline_is_-1"));
    golden.assertInteger("outputs.final_len_including_newlines", sequence.size());
  }

  /**
   * The canvas as the authors' code reads it: a token's index in the unpadded crop serves as its
   * index in the whole one.
   */
  private static List<int[]> officialSequence(
      List<Tile> tiles, List<int[]> kept, int side, int gridRows, int gridCols) {
    List<int[]> sequence = new ArrayList<>();
    for (int row = 0; row < gridRows * side; row++) {
      for (int cropCol = 0; cropCol < gridCols; cropCol++) {
        int crop = row / side * gridCols + cropCol;
        Tile.Area shown = tiles.get(crop + 1).shown();
        for (int token : kept.get(crop + 1)) {
          int unpadded =
              (token / side - shown.top()) * (shown.right() - shown.left())
                  + token % side
                  - shown.left();
          if (unpadded / side == row % side) {
            sequence.add(new int[] {crop, token});
          }
        }
      }
      sequence.add(new int[] {-1, -1});
    }
    return sequence;
  }

  @Test
  void theCropThatTheGlobalViewLooksAtKeepsMore() {
    List<Tile> tiles = AnyRes.tiles(0, 4, 2, 2, 100, 100);
    float[] attention = new float[80];
    Arrays.fill(attention, 0.01f);
    // The lower left quarter of the global view.
    for (int i : new int[] {8, 9, 12, 13}) {
      attention[i] = 0.2f;
    }
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(80, 1, new float[80]),
            EvidenceSet.nothing().with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));

    PatchTokens kept =
        tokens.reduced(new GlobalCom2(Variant.PAPER, 10).reduce(tokens, Budget.ratio(0.25)));

    // Sums of ln(attention) 4 ln 0.2 and 3 times 4 ln 0.01 give the softmax 0.525 and 3 times
    // 0.158, hence the quotas
    // 4 for the global view, 3.63 for three crops, 5.10 for the attended one.
    assertThat(IntStream.range(0, 5).map(tile -> kept.ofTile(tile).length))
        .containsExactly(4, 4, 4, 5, 3);
    assertThat(kept.positions().subList(0, 4))
        .containsExactly(
            new TokenPosition(0, 0, 2, 0),
            new TokenPosition(0, 0, 2, 1),
            new TokenPosition(0, 0, 3, 0),
            new TokenPosition(0, 0, 3, 1));
  }

  @Test
  void paper_scoresAreMeansOfAttention_andSharesAreOfItsLogarithms() {
    // Tiles of 2 x 2 tokens, a global view and two crops, with two heads. The left tokens of each
    // have 0.8 and 0.01, whose mean is 0.405; the right ones have 0.2 twice.
    List<Tile> tiles = AnyRes.tiles(0, 2, 1, 2, 200, 100);
    float[] first = new float[12];
    float[] second = new float[12];
    for (int i = 0; i < 12; i++) {
      first[i] = i % 2 == 0 ? 0.8f : 0.2f;
      second[i] = i % 2 == 0 ? 0.01f : 0.2f;
    }
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(12, 1, new float[12]),
            EvidenceSet.nothing()
                .with(new ClsAttention(-1), Attention.of(Matrix.of(first, second))));
    GlobalCom2 method = new GlobalCom2(Variant.PAPER, 1);

    GlobalCom2.Views views = method.views(tokens);

    assertClose("scores of the global view", views.scores(0), 0.405f, 0.2f, 0.405f, 0.2f);
    // The left crop is the left column, whose two tokens have (ln 0.8 + ln 0.01) / 2 each: ln 0.008
    // together. The right one has 2 ln 0.2 = ln 0.04. The softmax is 1/6 and 5/6.
    double[] ratios = views.ratios(0.5, 1);
    assertClose(
        "ratios",
        new float[] {(float) ratios[0], (float) ratios[1], (float) ratios[2]},
        0.5f,
        0.5f * (1 - 1 / 3f),
        0.5f * (1 + 1 / 3f));
  }

  private static void assertClose(String what, float[] actual, float... expected) {
    GoldenCase.assertClose(what, actual, expected);
  }

  @Test
  void paddingIsKeptLast() {
    // 2 x 1 crops of a picture twice as wide as the canvas: a quarter of the rows above and below
    // is padding.
    List<Tile> tiles = AnyRes.tiles(0, 4, 1, 2, 400, 100);
    int n = 48;
    float[] attention = new float[n];
    for (int i = 0; i < n; i++) {
      attention[i] = 1f / (i + 2);
    }
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(n, 1, new float[n]),
            EvidenceSet.nothing().with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));

    PatchTokens kept =
        tokens.reduced(new GlobalCom2(Variant.PAPER, 10).reduce(tokens, Budget.count(32)));

    assertThat(kept.positions())
        .allMatch(
            position ->
                tiles.get(position.tile()).shown().contains(position.row(), position.col()));
  }
}
