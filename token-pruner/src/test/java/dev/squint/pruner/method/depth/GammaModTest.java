package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Routing;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.Prompts;
import dev.squint.pruner.method.Stubs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

public class GammaModTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("arank")) {
      rankAgrees(golden.part("arank"));
      return;
    }
    Matrix hidden = golden.matrix("hidden");
    Matrix weights = golden.matrix("router_weight");
    int skippable = golden.integer("image_and_instruction_len");
    golden.assertInteger("question_len", hidden.rows() - skippable);
    golden.assertInteger("hidden_size", hidden.cols());
    GammaMod lenient = router(weights, 0.005);
    LayerInput prompt = new LayerInput(0, hidden, Prompts.range(0, skippable), -1);
    float[] probabilities = lenient.probabilities(0, hidden);
    golden.assertFloats("route_prob", probabilities);

    GoldenCase training = golden.part("training");
    // How many tokens are chosen, and the loss, are of the training alone.
    training.ignore("top_k");
    training.ignore("aux_loss");
    Routing trained = lenient.routing(probabilities, training.integers("selected"));
    training.assertIntegers(
        "position_ids", Prompts.positions(trained.continuation(), trained.processed()));
    training.assertMatrix("output", output(hidden, trained));
    prefillAgrees(golden.part("inference_thr0_005"), lenient.route(prompt), hidden);
    prefillAgrees(golden.part("inference_thr0_5"), router(weights, 0.5).route(prompt), hidden);
    for (GoldenCase step : golden.parts("decode")) {
      Matrix token = Matrix.of(step.floats("hidden"));
      Routing routing = lenient.route(new LayerInput(0, token, new int[0], 0));
      step.assertNumber("prob", lenient.probabilities(0, token)[0]);
      assertThat(routing.processed().length == 1).isEqualTo(step.bool("executed"));
      GoldenCase.assertClose("output", output(token, routing).data(), step.floats("output"));
    }
  }

  private static void prefillAgrees(GoldenCase golden, Routing routing, Matrix hidden) {
    golden.assertIntegers("selected", routing.processed());
    golden.assertMatrix("output", output(hidden, routing));
  }

  private static void rankAgrees(GoldenCase golden) {
    List<Matrix> attention = new ArrayList<>();
    for (JsonNode head : golden.at("attn_lower")) {
      float[][] rows = new float[head.size()][head.size()];
      for (int i = 0; i < rows.length; i++) {
        float[] given = GoldenCase.floats(head.get(i));
        System.arraycopy(given, 0, rows[i], 0, given.length);
      }
      attention.add(Matrix.of(rows));
    }
    golden.assertInteger("heads", attention.size());
    golden.assertInteger("seq", attention.get(0).rows());
    golden.assertIntegers(
        "head_ranks", attention.stream().mapToInt(AttentionRank::ofHead).toArray());
    golden.assertNumber("arank", AttentionRank.of(attention));
  }

  @Test
  void layersWithoutARouterProcessEverything() {
    GammaMod router =
        new GammaMod(
            Matrix.of(new float[] {0}, new float[] {-9}),
            Matrix.of(new float[] {1}, new float[] {1}),
            1e-6,
            new GammaMod.Decides[] {GammaMod.Decides.NOTHING, GammaMod.Decides.EVERY_TOKEN},
            0.5,
            0.5,
            Continuation.RENUMBER);
    Matrix hidden = Matrix.of(new float[] {1}, new float[] {-1});

    assertThat(router.route(new LayerInput(0, hidden, new int[0], -1)))
        .isEqualTo(Routing.everything(2));
    assertThat(router.route(new LayerInput(1, hidden, new int[0], -1)).processed())
        .containsExactly(1);
  }

  @Test
  void textIsProcessedAsBefore_whereVisualTokensAloneAreDecided() {
    GammaMod router =
        new GammaMod(
            Matrix.of(new float[] {0}, new float[] {-9}),
            Matrix.of(new float[] {1}),
            1e-6,
            new GammaMod.Decides[] {GammaMod.Decides.VISUAL_TOKENS},
            0.5,
            0.5,
            Continuation.RENUMBER);
    Matrix hidden = Matrix.of(new float[] {1}, new float[] {-1}, new float[] {1});

    Routing prompt = router.route(new LayerInput(0, hidden, new int[] {0, 1}, -1));
    assertThat(prompt.processed()).containsExactly(1, 2);
    assertThat(prompt.weights()[1]).isLessThan(1);
    assertThat(prompt.weights()[2]).isEqualTo(1);
    Matrix token = Matrix.of(new float[] {1});
    assertThat(router.route(new LayerInput(0, token, new int[0], 0)))
        .isEqualTo(new Routing(new int[] {0}, new float[] {1}, Continuation.RENUMBER));
  }

  @Test
  void aPackageSaysWhetherTokensKeepTheirPlaces() {
    Map<String, Matrix> tensors =
        new TreeMap<>(
            Map.of(
                "router", Matrix.of(new float[] {0}, new float[] {9}),
                "gain", Matrix.of(new float[] {1}),
                "epsilon", Matrix.of(new float[] {1e-6f}),
                "routed", Matrix.of(new float[] {1}),
                "thresholds", Matrix.of(new float[] {0.5f, 0.5f})));
    Matrix hidden = Matrix.of(new float[] {-1}, new float[] {1}, new float[] {-1}, new float[] {1});
    LayerInput prompt = new LayerInput(0, hidden, new int[] {0, 1, 2}, -1);

    tensors.put("in-place", Matrix.of(new float[] {1}));
    Routing inPlace = GammaMod.of(new TrainedWeights(tensors)).route(prompt);
    assertThat(Prompts.positions(inPlace.continuation(), inPlace.processed()))
        .containsExactly(1, 3);

    tensors.put("in-place", Matrix.of(new float[] {0}));
    Routing restarted = GammaMod.of(new TrainedWeights(tensors)).route(prompt);
    assertThat(Prompts.positions(restarted.continuation(), restarted.processed()))
        .containsExactly(0, 1);
    assertThat(restarted.weights()).isEqualTo(inPlace.weights());

    tensors.put("in-place", Matrix.of(new float[] {2}));
    assertThatThrownBy(() -> GammaMod.of(new TrainedWeights(tensors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'in-place' of 'gamma-mod' is 2.0; it can be 0");
    tensors.remove("in-place");
    assertThatThrownBy(() -> GammaMod.of(new TrainedWeights(tensors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no 'in-place'");
  }

  @Test
  void rankIgnoresEachTokensAttentionToItself() {
    Matrix itself = Matrix.of(new float[] {1, 0, 0}, new float[] {0, 1, 0}, new float[] {0, 0, 1});
    Matrix first = Matrix.of(new float[] {1, 0, 0}, new float[] {1, 0, 0}, new float[] {1, 0, 0});

    assertThat(AttentionRank.of(List.of(itself, first))).isEqualTo(0.5);
  }

  private static GammaMod router(Matrix weights, double threshold) {
    float[] gain = new float[weights.cols()];
    Arrays.fill(gain, 1);
    return new GammaMod(
        weights,
        Matrix.of(gain),
        1e-6,
        new GammaMod.Decides[] {GammaMod.Decides.EVERY_TOKEN},
        threshold,
        0.5,
        Continuation.RENUMBER);
  }

  private static Matrix output(Matrix hidden, Routing routing) {
    Matrix input = hidden.rows(routing.processed());
    float[] residual = input.data().clone();
    float[] attention = Stubs.cumulativeMeans(normed(input)).data();
    for (int i = 0; i < residual.length; i++) {
      residual[i] += attention[i];
    }
    Matrix after = new Matrix(input.rows(), input.cols(), residual);
    return routing.combine(hidden, after, Stubs.tanh(normed(after)));
  }

  private static Matrix normed(Matrix rows) {
    float[] normed = rows.data().clone();
    for (int i = 0; i < rows.rows(); i++) {
      double square = 0;
      for (int c = 0; c < rows.cols(); c++) {
        square += (double) rows.get(i, c) * rows.get(i, c);
      }
      double norm = Math.sqrt(square / rows.cols() + 1e-6);
      for (int c = 0; c < rows.cols(); c++) {
        normed[i * rows.cols() + c] = (float) (rows.get(i, c) / norm);
      }
    }
    return new Matrix(rows.rows(), rows.cols(), normed);
  }
}
