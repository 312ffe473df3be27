package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.evidence.FrameRelevance;
import dev.squint.pruner.maths.Resampling;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.encoder.Quota.Resizing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

public class QuotaTest {
  private static final Map<String, Resizing> VERSIONS =
      Map.of(
          "v1",
          Resizing.BILINEAR,
          "v2",
          Resizing.POOL,
          "v3",
          Resizing.SPREAD,
          "v4",
          Resizing.MERGE,
          "v5",
          Resizing.MERGE_LINES);

  public static void agreesWith(GoldenCase golden) {
    List<Matrix> frames = golden.matrices("inputs.features_[F,N,D]");
    int side = golden.integer("params.side");
    int total = golden.integer("params.enhance_total") * golden.integer("params.enhance_tokens");
    Resizing resizing = Objects.requireNonNull(VERSIONS.get(golden.text("params.version")));
    assertThat(golden.text("params.weight")).isEqualTo("(p*100)^2 normalised");
    float[] relevance = golden.floats("inputs.frame_yes_prob_p");
    double[] weights = new double[relevance.length];
    Arrays.setAll(weights, f -> relevance[f]);
    weights = Quota.weights(weights);
    if (resizing != Resizing.BILINEAR) {
      double[] caps = new double[weights.length];
      Arrays.fill(caps, (double) side * side / total);
      Quota.cap(weights, caps);
    }
    int[] budgets = Quota.budgets(weights, total);

    float[] rounded = new float[weights.length];
    for (int f = 0; f < rounded.length; f++) {
      rounded[f] = (float) weights[f];
    }
    golden.assertFloats("outputs.normalised_weights", rounded);
    golden.assertIntegers("outputs.budgets_int", budgets);
    List<int[]> shapes =
        golden.integerRows("outputs.out_shapes_(frames with 0 budget are skipped)");
    JsonNode out = golden.at("outputs.out");
    int at = 0;
    for (int f = 0; f < budgets.length; f++) {
      if (budgets[f] > 0) {
        Matrix resized = resized(resizing, frames.get(f), side, budgets[f]);
        int[] grid = Quota.shape(budgets[f]);
        int[] shape = shapes.get(at);
        assertThat(Arrays.copyOf(shape, shape.length - 1))
            .containsExactly(shape.length == 3 ? grid : new int[] {resized.rows()});
        GoldenCase.assertClose("frame " + f, resized.data(), flat(out.get(at)));
        at++;
      }
    }
    assertThat(shapes).hasSize(at);
    assertThat(out).hasSize(at);
  }

  /** One frame as the authors' code resizes it, in the authors' order. */
  private static Matrix resized(Resizing resizing, Matrix frame, int side, int budget) {
    int[] shape = Quota.shape(budget);
    return switch (resizing) {
      case BILINEAR -> Resampling.bilinear(side, side, shape[0], shape[1]).apply(frame);
      case POOL -> Resampling.pooled(side, side, shape[0], shape[1]).apply(frame);
      case SPREAD -> frame.rows(Quota.spread(side * side, budget));
      case MERGE -> Quota.merged(frame, budget).list();
      case MERGE_LINES -> new MergedLines(frame, side, side, shape[0], shape[1]).grid();
    };
  }

  private static float[] flat(JsonNode node) {
    if (!node.get(0).isContainerNode()) {
      return GoldenCase.floats(node);
    }
    List<Float> values = new ArrayList<>();
    for (JsonNode part : node) {
      for (float value : flat(part)) {
        values.add(value);
      }
    }
    float[] flat = new float[values.size()];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = values.get(i);
    }
    return flat;
  }

  @ParameterizedTest
  @EnumSource
  void theReductionGivesTheResizedFrame(Resizing resizing) {
    PatchTokens tokens =
        RandomTokens.of(1, RandomTokens.single(6, 6)).patchTokens(new Quota(resizing).needs());

    PatchTokens fewer = tokens.reduced(new Quota(resizing).reduce(tokens, Budget.count(12)));

    assertThat(fewer.size()).isEqualTo(12);
    Matrix expected = resized(resizing, tokens.features(), 6, 12);
    // The order may differ; the sum over all tokens does not.
    GoldenCase.assertClose("sum", fewer.features().columnSums(), expected.columnSums());
    if (resizing != Resizing.MERGE && resizing != Resizing.MERGE_LINES) {
      GoldenCase.assertClose("tokens", fewer.features().data(), expected.data());
    }
  }

  @ParameterizedTest
  @EnumSource
  void relevantFramesKeepMore_andIrrelevantOnesGo(Resizing resizing) {
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(3, 4, 4),
            RandomTokens.of(2, List.of()).matrix(48, 3),
            EvidenceSet.nothing()
                .with(new FrameRelevance(), Matrix.of(new float[] {0.4f, 0.2f, 0.01f})));

    PatchTokens fewer = tokens.reduced(new Quota(resizing).reduce(tokens, Budget.count(15)));

    // Weights 0.8, 0.2 and almost nothing, so 11 and 2 tokens, or the largest grids within those.
    boolean grid = resizing != Resizing.SPREAD && resizing != Resizing.MERGE;
    assertThat(fewer.ofTile(0)).hasSize(grid ? 9 : 11);
    assertThat(fewer.ofTile(1)).hasSize(2);
    assertThat(fewer.ofTile(2)).isEmpty();
  }
}
