package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.AnyRes;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class HiRedTest {

  public static void agreesWith(GoldenCase golden) {
    int side = golden.integer("params.side");
    int[] grid =
        golden.integers("params.grid_as_returned(num_patch_width,num_patch_height in code)");
    int[] size = golden.integers("params.image_size_hw");
    List<Tile> tiles = AnyRes.tiles(0, side, grid[1], grid[0], size[1], size[0]);
    int n = side * side;
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(tiles.size() * n, 1, new float[tiles.size() * n]),
            EvidenceSet.nothing()
                .with(
                    new ClsAttention(0),
                    withoutCls(golden.matrices("inputs.cls_attn_layer0_[P,H,1+N]")))
                .with(
                    new ClsAttention(-1),
                    withoutCls(golden.matrices("inputs.cls_attn_layer22_[P,H,1+N]"))));
    double ratio = golden.number("params.token_budget_rate");
    HiRed method = new HiRed(Variant.CODE, golden.number("params.alpha"));

    PatchTokens kept = tokens.reduced(method.reduce(tokens, Budget.ratio(ratio)));

    PictureTiles picture = PictureTiles.of(tokens).get(0);
    int total = (int) (tokens.size() * ratio);
    int[] shares = new int[tiles.size()];
    method.truncatedShares(tokens, picture, total, shares);
    golden.assertInteger("outputs.total_budget", total);
    golden.assertInteger("outputs.full_image_budget", shares[0]);
    golden.assertInteger("outputs.sub_image_total_budget", total - shares[0]);
    golden.assertIntegers("outputs.sub_budgets", Arrays.copyOfRange(shares, 1, shares.length));
    golden.assertIntegers("outputs.layer0_topk_indices_counted", method.marked(tokens, picture));
    golden.assertInteger("outputs.kept_total", IntStream.of(shares).sum());
    // What the golden file keeps before the padding is cut away.
    List<int[]> perTile = golden.integerRows("outputs.kept_per_partition_sorted");
    for (int t = 0; t < tiles.size(); t++) {
      int tile = t;
      Tile.Area shown = tiles.get(t).shown();
      int[] expected =
          IntStream.of(perTile.get(t)).filter(i -> shown.contains(i / side, i % side)).toArray();
      assertThat(
              kept.positions().stream()
                  .filter(position -> position.tile() == tile)
                  .mapToInt(position -> position.row() * side + position.col()))
          .as("tile %d", t)
          .containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
      assertThat(perTile.get(t)).hasSize(shares[t]);
    }
    assertThat(onTheCanvas(kept.positions(), side, grid[0]))
        .containsExactlyElementsOf(
            golden.integerRows("outputs.final_sequence_[partition,token]_no_newlines"));
  }

  /** The global view row by row, then the crops as one canvas row by row. */
  private static List<int[]> onTheCanvas(List<TokenPosition> positions, int side, int gridCols) {
    List<TokenPosition> ordered = new ArrayList<>(positions);
    ordered.sort(
        Comparator.comparing((TokenPosition position) -> position.tile() > 0)
            .thenComparing(position -> (position.tile() - 1) / gridCols)
            .thenComparing(TokenPosition::row)
            .thenComparing(TokenPosition::tile)
            .thenComparing(TokenPosition::col));
    return ordered.stream()
        .map(position -> new int[] {position.tile(), position.row() * side + position.col()})
        .toList();
  }

  /** [P, H, 1 + N] to [H, P * N]. */
  private static Attention withoutCls(List<Matrix> tiles) {
    int heads = tiles.get(0).rows();
    int n = tiles.get(0).cols() - 1;
    float[] data = new float[heads * tiles.size() * n];
    for (int h = 0; h < heads; h++) {
      for (int t = 0; t < tiles.size(); t++) {
        for (int i = 0; i < n; i++) {
          data[(h * tiles.size() + t) * n + i] = tiles.get(t).get(h, 1 + i);
        }
      }
    }
    return Attention.of(new Matrix(heads, tiles.size() * n, data));
  }

  @Test
  void paper_aCropGetsWhatItsRegionIsAttendedTo() {
    List<Tile> tiles = AnyRes.tiles(0, 2, 2, 2, 100, 100);
    float[] early = new float[20];
    early[1] = 0.75f;
    early[2] = 0.25f;
    float[] late = new float[20];
    late[3] = 1;
    late[11] = 1;
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(20, 1, new float[20]),
            EvidenceSet.nothing()
                .with(new ClsAttention(0), Attention.of(Matrix.of(early)))
                .with(new ClsAttention(-1), Attention.of(Matrix.of(late))));

    int[] kept = new HiRed(Variant.PAPER, 0.2).reduce(tokens, Budget.count(5)).kept();

    // One for the global view; 3 of 4 for the upper right crop (tokens 8 to 11), 1 for the lower
    // left (12 to 15).
    assertThat(kept).containsExactly(3, 8, 9, 11, 12);
  }

  @Test
  void paper_nearlyAllTokens_fillTheGlobalViewOrTheCropsAndNoMore() {
    // A global view of 4 tokens and 4 crops of 4; 19 of 20 tokens stay.
    List<Tile> tiles = AnyRes.tiles(0, 2, 2, 2, 100, 100);
    float[] even = new float[20];
    Arrays.fill(even, 0.25f);
    float[] late = new float[20];
    for (int i = 0; i < 20; i++) {
      late[i] = 20 - i;
    }
    PatchTokens tokens =
        PatchTokens.encoded(
            tiles,
            new Matrix(20, 1, new float[20]),
            EvidenceSet.nothing()
                .with(new ClsAttention(0), Attention.of(Matrix.of(even)))
                .with(new ClsAttention(-1), Attention.of(Matrix.of(late))));

    // Half of 19 is more than the global view has: its 4 tokens, and 15 of the crops' 16.
    int[] half = new HiRed(Variant.PAPER, 0.5).reduce(tokens, Budget.ratio(0.95)).kept();
    // A tenth is one token, but then 18 would be left for the crops' 16: 3 tokens.
    int[] tenth = new HiRed(Variant.PAPER, 0.1).reduce(tokens, Budget.ratio(0.95)).kept();

    assertThat(IntStream.of(half).filter(i -> i < 4).count()).isEqualTo(4);
    assertThat(half).hasSize(19).doesNotContain(19);
    assertThat(tenth).hasSize(19).doesNotContain(3);
  }
}
