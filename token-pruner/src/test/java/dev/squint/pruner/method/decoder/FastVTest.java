package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class FastVTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("rounding_table")) {
      for (GoldenCase row : golden.parts("rounding_table")) {
        Budget budget = Budget.ratio(1 - row.number("R"));
        row.assertInteger("keep", budget.tokens(row.integer("image_len")));
      }
      return;
    }
    int start = golden.integer("image_start");
    int visual = golden.integer("image_len");
    Matrix attention = golden.matrix("attn_last_query");
    golden.assertInteger("heads", attention.rows());
    golden.assertInteger("seq_len", attention.cols());
    // Layers before the point, and a property of the vector: nothing to check.
    golden.ignore("K");
    golden.ignore("min_gap_at_cut");
    LayerTokens tokens = tokens(attention.columns(Prompts.range(start, start + visual)));
    Budget budget = Budget.ratio(1 - golden.number("R"));

    float[] scores = new FastV().score(tokens);
    int[] kept = new FastV().reduce(tokens, budget).kept();
    int[] rows = Prompts.rows(start, visual, attention.cols() - start - visual, kept);

    golden.assertFloats("image_scores", scores);
    golden.assertInteger("keep_count", kept.length);
    golden.assertIntegers(
        "topk_order",
        IntStream.of(Ranking.best(scores, kept.length)).map(index -> start + index).toArray());
    golden.assertIntegers("keep_indices", rows);
    golden.assertIntegers("position_ids", Prompts.positions(new FastV().continuation(), rows));
  }

  @Test
  void headsCountTheSame() {
    LayerTokens tokens =
        tokens(Matrix.of(new float[] {0.4f, 0.1f, 0.3f}, new float[] {0, 0.1f, 0.3f}));

    assertThat(new FastV().reduce(tokens, Budget.count(1)).kept()).containsExactly(2);
  }

  private static LayerTokens tokens(Matrix attention) {
    return Prompts.visual(
        attention.cols(),
        EvidenceSet.nothing().with(new LastQueryAttention(), Attention.of(attention)));
  }
}
