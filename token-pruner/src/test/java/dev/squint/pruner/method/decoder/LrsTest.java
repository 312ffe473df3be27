package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.AnyRes;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

public class LrsTest {

  public static void agreesWith(GoldenCase golden) {
    float[] attention = golden.floats("inputs.attn_[N]");
    int rows = golden.integer("params.tokens_h");
    int rowLength = golden.integer("params.tokens_per_row_incl_newline");
    int[] blocks = golden.integers("params.next_level_blocks_hw");

    int[] selected =
        ImagePyramid.selected(attention, rowLength, golden.number("params.pruning_ratio"));

    golden.assertIntegers("outputs.selected_token_indices_sorted(incl newline column)", selected);
    golden.assertIntegers("outputs.pruned_kept_indices_same_level", selected);
    assertThat(ImagePyramid.tiles(selected, rows, rowLength, blocks[0], blocks[1]))
        .containsExactlyElementsOf(
            golden.integerRows("outputs.selected_next_level_tiles_[row,col]"));
    golden.assertIntegers(
        "outputs.threshold0.2_percentile_normalised_indices",
        new Lrs(0.2).aboveThreshold(attention));
  }

  /** The file's list of pictures and their levels. */
  public static void pyramidAgreesWith(JsonNode picture) {
    ImagePyramid pyramid =
        ImagePyramid.of(
            picture.at("/image_hw/0").intValue(), picture.at("/image_hw/1").intValue(), 1008, 336);

    List<Integer> split = new ArrayList<>(List.of(1));
    List<String> levels = new ArrayList<>();
    for (ImagePyramid.Level level : pyramid.levels()) {
      int blocks = level.blockRows() * level.blockCols();
      split.add(blocks);
      levels.add(
          "{\"resize_hw\":[%d,%d],\"resize_padding_hw\":[%d,%d],\"block_num_hw\":[%d,%d],\"image_num\":%d}"
              .formatted(
                  level.height(),
                  level.width(),
                  level.blockRows() * 336,
                  level.blockCols() * 336,
                  level.blockRows(),
                  level.blockCols(),
                  blocks));
    }
    assertThat(picture).hasSize(3);
    assertThat(picture.get("levels_coarse_to_fine"))
        .extracting(JsonNode::toString)
        .containsExactlyElementsOf(levels);
    assertThat(picture.get("image_num_split_[global,coarse..fine]"))
        .extracting(JsonNode::intValue)
        .containsExactlyElementsOf(split);
  }

  @Test
  void aPictureThatItsGlobalViewShowsWholeHasNoLevels() {
    assertThat(ImagePyramid.of(300, 200, 1008, 336).levels()).isEmpty();
    assertThat(ImagePyramid.of(336, 336, 1008, 336).levels()).isEmpty();
  }

  @Test
  void headsCountAlikeWhateverTheyGiveToTheCrops() {
    // The first head pays little attention to the crops; most of that goes to token 5.
    float[] first = {0.9f, 0, 0, 0, 0.001f, 0.009f, 0.001f, 0.001f};
    float[] second = {0, 0, 0, 0, 0.3f, 0.2f, 0.1f, 0.1f};
    PatchTokens before =
        PatchTokens.encoded(
            AnyRes.tiles(0, 2, 1, 1, 10, 10),
            new Matrix(8, 1, new float[8]),
            EvidenceSet.nothing());
    LayerTokens tokens =
        LayerTokens.of(
            before,
            before.features(),
            EvidenceSet.nothing()
                .with(new LastQueryAttention(), Attention.of(Matrix.of(first, second))));

    assertThat(new Lrs(0.2).reduce(tokens, Budget.count(5)).kept()).containsExactly(0, 1, 2, 3, 5);
    assertThat(new Lrs(0.2).reduce(tokens, Budget.adaptive()).kept())
        .containsExactly(0, 1, 2, 3, 4, 5);
  }
}
