package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.JointImageEmbeddings;
import dev.squint.pruner.evidence.JointTextEmbeddings;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.plan.PruningPlan;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

public class CdPrunerTest {

  public static void agreesWith(GoldenCase golden) {
    List<Matrix> features = golden.matrices("inputs.projected_features_[B,N,D]");
    int views = golden.integer("params.B");
    int n = features.get(0).rows();
    int count = golden.integer("params.visual_token_num");
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(views, 1, n),
            stacked(features),
            EvidenceSet.nothing()
                .with(
                    new JointImageEmbeddings(),
                    stacked(golden.matrices("inputs.clip_image_embeds_[B,N,C]")))
                .with(new JointTextEmbeddings(), golden.matrix("inputs.clip_text_embeds_[M,C]")));
    CdPruner method = new CdPruner(CdPruner.Relevance.JOINT);

    PatchTokens kept = tokens.reduced(method.reduce(tokens, Budget.count(views * count)));

    assertThat(features).hasSize(views);
    List<int[]> sorted = golden.integerRows("outputs.kept_sorted_per_image");
    List<int[]> inOrder = golden.integerRows("outputs.greedy_order_per_image");
    float[] relevances = method.relevances(tokens);
    for (int view = 0; view < views; view++) {
      int tile = view;
      assertThat(
              kept.positions().stream()
                  .filter(position -> position.tile() == tile)
                  .mapToInt(TokenPosition::col)
                  .toArray())
          .containsExactly(sorted.get(view));
      float[] ofView = Arrays.copyOfRange(relevances, view * n, (view + 1) * n);
      assertThat(CdPruner.greedy(features.get(view), ofView, count))
          .containsExactly(inOrder.get(view));
    }
    golden.ignore("outputs.min_argmax_margin");
    golden.ignore("outputs.smallest_selected_residual");
  }

  @Test
  void plansDoNotOfferATextTower_thatNoPackageHas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("encoder:cdpruner(keep=0.5, relevance=joint)"))
        .withMessageContaining("relevance must be one of [question, head] but was 'joint'");
  }

  @Test
  void aRelevantTwinIsLeftForALessRelevantStranger() {
    Matrix features = Matrix.of(new float[] {1, 0}, new float[] {1, 0.1f}, new float[] {0, 1});

    assertThat(CdPruner.greedy(features, new float[] {1, 0.9f, 0.5f}, 3)).containsExactly(0, 2, 1);
  }

  @Test
  void whenNothingNewIsLeft_theMostRelevantFollow() {
    Matrix features = Matrix.of(new float[] {1}, new float[] {1}, new float[] {2}, new float[] {3});

    assertThat(CdPruner.greedy(features, new float[] {0.2f, 0.4f, 0.9f, 0.4f}, 3))
        .containsExactly(2, 1, 3);
  }

  private static Matrix stacked(List<Matrix> views) {
    return Matrix.of(
        views.stream()
            .flatMap(
                view -> Stream.iterate(0, row -> row < view.rows(), row -> row + 1).map(view::row))
            .toArray(float[][]::new));
  }
}
