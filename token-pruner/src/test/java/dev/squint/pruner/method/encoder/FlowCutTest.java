package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.maths.InformationFlow;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class FlowCutTest {
  private static final EncoderFlow FLOW = new EncoderFlow();

  /** The layers of an encoder; each sees the tokens that the decisions before it have left. */
  public static void agreesWith(GoldenCase golden) {
    int layers = golden.integer("params.layers");
    FlowCut method = new FlowCut(golden.integer("params.every"));
    Budget budget = Budget.count(golden.integer("params.target"));
    int[] decisions = method.decisions(1, layers);
    golden.assertIntegers("outputs.decisions_after_layers", decisions);
    List<GoldenCase> steps = golden.parts("layers");
    float[] score = {};
    int[] all = {};
    int run = 0;
    for (GoldenCase layer : steps) {
      run++;
      float[] attention = layer.floats("attention_[N]");
      float[] own =
          layer.has("likeness_[N]")
              ? InformationFlow.scores(
                  attention, layer.floats("likeness_[N]"), lengths(layer.matrix("value_[N,d]")))
              : InformationFlow.scores(attention, lengths(layer.matrix("value_[N,d]")));
      for (int i = 0; run > 1 && i < own.length; i++) {
        own[i] = InformationFlow.carried(score[i], own[i]);
      }
      score = own;
      layer.assertFloats("carried_[N]", score);
      if (run == 1) {
        all = IntStream.range(0, score.length).toArray();
      }
      if (layer.has("kept")) {
        TokenReduction reduction =
            method
                .deciding(decisions[decisions.length - 1] - run)
                .reduce(tokens(List.of(Tile.global(0, 1, score.length)), score, attention), budget);
        int[] before = all;
        float[] scores = score;
        all = IntStream.of(reduction.kept()).map(i -> before[i]).toArray();
        layer.assertIntegers("kept", all);
        score = new float[all.length];
        for (int i = 0; i < all.length; i++) {
          score[i] = scores[reduction.kept()[i]];
        }
      }
    }
  }

  private static float[] lengths(Matrix values) {
    float[] lengths = new float[values.rows()];
    for (int i = 0; i < lengths.length; i++) {
      for (float value : values.row(i)) {
        lengths[i] += Math.abs(value);
      }
    }
    return lengths;
  }

  private static PatchTokens tokens(List<Tile> tiles, float[] scores, float[] attention) {
    float[] flow = new float[2 * scores.length];
    for (int i = 0; i < scores.length; i++) {
      flow[2 * i] = scores[i];
      flow[2 * i + 1] = attention[i];
    }
    return PatchTokens.encoded(
        tiles,
        new Matrix(scores.length, 0, new float[0]),
        EvidenceSet.nothing().with(FLOW, new Matrix(scores.length, 2, flow)));
  }

  @Test
  void flowIsAttentionAndLikenessTimesLength() {
    // Shares of attention 1/4 and 3/4, of likeness 1/2 and 1/2.
    assertThat(
            InformationFlow.scores(
                new float[] {0.1f, 0.3f}, new float[] {0.2f, 0.2f}, new float[] {4, 2}))
        .containsExactly(3, 2.5f);
    assertThat(InformationFlow.scores(new float[] {0.25f, 0.5f}, new float[] {4, 2}))
        .containsExactly(1, 1);
    assertThat(InformationFlow.carried(2, 6)).isEqualTo(4);
  }

  /** Even attention has the largest entropy and drops nothing; attention to one token drops all. */
  @Test
  void theMoreTheAttentionIsSpread_theFewerTokensAreDropped() {
    assertThat(InformationFlow.share(new float[] {0.1f, 0.1f, 0.1f, 0.1f}, 1)).isZero();
    assertThat(InformationFlow.share(new float[] {0, 0.3f, 0, 0}, 1)).isEqualTo(1);
    assertThat(InformationFlow.share(new float[] {0, 0.3f, 0, 0}, 4)).isEqualTo(0.5);
    // Two of four equally: half of the entropy, 1 - 1/4.
    assertThat(InformationFlow.share(new float[] {0, 0.3f, 0.3f, 0}, 1)).isEqualTo(0.75);
    assertThat(InformationFlow.share(new float[] {0.3f}, 1)).isZero();
  }

  @Test
  void tilesDropTheLargestShareThatOneAsksFor() {
    // The second tile's attention lies on one token: all four to drop at once, were it the last
    // decision; a half of them with four layers to come. The first tile's is even.
    List<Tile> tiles = RandomTokens.frames(2, 1, 6);
    float[] scores = {6, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 6};
    float[] attention = {1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0};

    TokenReduction early =
        new FlowCut(2).deciding(4).reduce(tokens(tiles, scores, attention), Budget.count(4));
    TokenReduction last =
        new FlowCut(2).deciding(0).reduce(tokens(tiles, scores, attention), Budget.count(4));

    assertThat(early.kept()).containsExactly(0, 1, 2, 3, 8, 9, 10, 11);
    assertThat(last.kept()).containsExactly(0, 1, 10, 11);
    assertThat(
            new FlowCut(2)
                .deciding(4)
                .operations(tokens(tiles, scores, attention), Budget.count(4), early))
        .isEqualTo(5 * 12);
  }

  /** LLaVA's CLIP has 23 layers before the projector; the last decision is after 22 of them. */
  @Test
  void decisionsCountBackFromOneLayerBeforeTheEnd() {
    FlowCut method = new FlowCut(2);
    assertThat(method.decisions(1, 23)).startsWith(2, 4, 6).endsWith(18, 20, 22).hasSize(11);
    assertThat(method.decisions(1, 4)).containsExactly(1, 3);
    assertThat(method.decisions(2, 4)).containsExactly(3);
    assertThat(method.decisions(4, 4)).containsExactly(4);
    assertThat(new FlowCut(1).decisions(1, 4)).containsExactly(1, 2, 3);
    assertThat(new FlowCut(3).decisions(1, 8)).containsExactly(1, 4, 7);
    assertThatThrownBy(() -> new FlowCut(0)).hasMessageContaining("every must be at least 1");
  }

  @Test
  void aPlanHasAStepForEachDecision_withANumberOfTokens() {
    PruningPlan plan = PruningPlan.parse("patches:plain + encoder1:flowcut(keep=0.25, every=1)");

    assertThat(plan.insideEncoder(4))
        .containsExactly(Point.insideEncoder(1), Point.insideEncoder(2), Point.insideEncoder(3));
    assertThat(plan.countedInside(4, 80))
        .hasToString(
            "patches:plain + encoder1:flowcut(tokens=20) + encoder2:flowcut(tokens=20) + encoder3:flowcut(tokens=20)");
    assertThat(plan.countedInside(4, 80).steps().stream().skip(1).<Object>map(Step::pruner))
        .containsExactly(new FlowCut.Decision(2), new FlowCut.Decision(1), new FlowCut.Decision(0));
    assertThat(new FlowCut(1).deciding(2).needs()).containsExactly(FLOW);
    assertThat(PruningPlan.parse("encoder5:flowcut(keep=0.25)").insideEncoder(4))
        .containsExactly(Point.insideEncoder(5));
    assertThatThrownBy(
            () -> PruningPlan.parse("encoder1:flowcut(keep=0.25) + encoder3:tome(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'encoder1:flowcut(keep=0.25)' decides about the tokens of all layers behind it; remove 'encoder3:tome(keep=0.5)'");
  }
}
