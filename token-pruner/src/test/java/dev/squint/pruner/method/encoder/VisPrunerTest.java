package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.method.GoldenCase;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class VisPrunerTest {

  public static void agreesWith(GoldenCase golden) {
    Matrix hidden = golden.matrix("inputs.features_[N,D]");
    Attention attention = Attention.of(golden.matrix("inputs.cls_attn_[H,N]"));
    int count = golden.integer("params.visual_token_num");
    VisPruner method = new VisPruner(golden.number("params.important_ratio"));

    int[] kept = method.reduce(tokens(hidden, attention), Budget.count(count)).kept();

    int[] important = Ranking.best(attention.meanOverHeads(), (int) (count * method.important()));
    golden.assertIntegers("outputs.important_in_score_order", important);
    assertThat(kept).hasSize(count).contains(important);
    if (golden.has("outputs.kept_sorted")) {
      golden.assertIntegers("outputs.kept_sorted", kept);
      golden.assertIntegers(
          "outputs.diverse_sorted",
          IntStream.of(kept).filter(i -> IntStream.of(important).noneMatch(j -> j == i)).toArray());
    } else {
      // The authors' code throws here; ours keeps what the budget says.
      golden.ignore("outputs.kept_sorted");
      assertThat(golden.text("outputs.error")).startsWith("IndexError");
    }
  }

  @Test
  void everyFirstTokenGoesThatIsMostLikeASecondOne() {
    Matrix hidden =
        Matrix.of(
            new float[] {1, 0}, new float[] {0, 1}, new float[] {1, 0.1f}, new float[] {-1, 0});
    Attention attention = Attention.of(Matrix.of(new float[] {0.4f, 0.3f, 0.2f, 0.1f}));

    // All four compete: 0 and 2 may go, 1 and 3 may not; 2 is a little like 1, 0 is like neither.
    assertThat(new VisPruner(0).reduce(tokens(hidden, attention), Budget.count(3)).kept())
        .containsExactly(0, 1, 3);
  }

  @Test
  void onlyImportant_isTheMostAttended() {
    Attention attention = Attention.of(Matrix.of(new float[] {0.1f, 0.3f, 0.2f, 0.4f}));

    assertThat(
            new VisPruner(1)
                .reduce(tokens(new Matrix(4, 1, new float[4]), attention), Budget.count(2))
                .kept())
        .containsExactly(1, 3);
  }

  private static PatchTokens tokens(Matrix hidden, Attention attention) {
    return PatchTokens.encoded(
        RandomTokens.single(1, hidden.rows()),
        hidden,
        EvidenceSet.nothing()
            .with(new EncoderHidden(-1), hidden)
            .with(new ClsAttention(-1), attention));
  }
}
