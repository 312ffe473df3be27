package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.evidence.LastQueryLogits;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

public class GemFilterTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix queries = golden.matrix("q_last");
    List<Matrix> keys = golden.matrices("K");
    golden.assertInteger("heads", queries.rows());
    golden.assertInteger("kv_heads", keys.size());
    golden.assertInteger("head_dim", queries.cols());
    golden.assertInteger("seq", keys.get(0).rows());
    int count = golden.integer("topk");
    List<Matrix> logits = new ArrayList<>();
    for (int h = 0; h < queries.rows(); h++) {
      logits.add(
          Matrix.of(queries.row(h)).timesTransposed(keys.get(h * keys.size() / queries.rows())));
    }
    // The authors choose among all tokens, as if the prompt were one picture.
    LayerTokens tokens = tokens(logits, Prompts.range(0, keys.get(0).rows()));

    golden.assertIntegers("topk_order", Ranking.best(new GemFilter(5).score(tokens), count));
    golden.assertIntegers(
        "selected_sorted", new GemFilter(5).reduce(tokens, Budget.count(count)).kept());
  }

  @Test
  void neighboursCountAlsoWhereTheyAreText() {
    // The highest logit is that of the text before the picture.
    List<Matrix> logits = List.of(Matrix.of(new float[] {9, 0, 0, 0, 0, 1, 0}));
    LayerTokens tokens = tokens(logits, new int[] {1, 2, 3, 4, 5});

    assertThat(new GemFilter(3).reduce(tokens, Budget.count(1)).kept()).containsExactly(0);
    assertThat(new GemFilter(1).reduce(tokens, Budget.count(1)).kept()).containsExactly(4);
    assertThat(new GemFilter(3).continuation()).isEqualTo(Continuation.RESTART);
  }

  private static LayerTokens tokens(List<Matrix> logits, int[] visual) {
    return Prompts.visual(
        visual.length,
        EvidenceSet.nothing().with(new LastQueryLogits(), new PromptLogits(logits, visual)));
  }
}
