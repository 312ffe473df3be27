package dev.squint.llm.decoder.stage;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Matrix;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.graph.AttentionLimits;
import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TapAttentionTest {
  // A product of 30 is rounded to 2e-6, and so are the weights. Plain Java; measured: 3.3e-6.
  private static final Tolerance WEIGHT = Tolerance.relative(3e-5);
  // Up to 150 such weights. Plain Java; measured: 1.9e-6 of the scale.
  private static final Tolerance SUM = Tolerance.relative(2e-5);

  private static final int TOKENS = 150;
  private static final int SIZE = 8;

  @ParameterizedTest
  @CsvSource({"true, 0, 0", "false, 0, 0", "true, 20, 0", "true, 0, 5", "true, 70, 3"})
  void attention_isTheSoftmaxOfWhatAQuerySees(boolean causal, int window, float softcap) {
    Random random = new Random(3);
    AttentionVisibility sight = new AttentionVisibility(layer(causal, window, softcap), List.of());
    List<Matrix> keys = random(random, 2, TOKENS);
    int[] all = IntStream.range(0, TOKENS).toArray();
    int[] some = {0, 17, 18, 63, 64, 140, 149};
    for (int[] rows : List.of(all, some)) {
      List<Matrix> queries = random(random, 4, rows.length);
      List<Matrix> attention = TapAttention.of(queries, rows, keys, sight);
      float[][] received = new float[2][TOKENS];
      for (int row = 0; row < rows.length; row++) {
        for (int head = 0; head < 4; head++) {
          double[] expected =
              softmax(queries.get(head), row, rows[row], keys.get(head / 2), sight.layer());
          float[] weights = new float[TOKENS];
          for (int t = 0; t < TOKENS; t++) {
            weights[t] = (float) expected[t];
            received[head / 2][t] += (float) expected[t];
          }
          assertClose(
              attention.get(row).row(head), weights, WEIGHT, "query %d, head %d", rows[row], head);
        }
      }
      float[] sums = TapAttention.received(queries, rows, keys, sight).data();
      for (int head = 0; head < 2; head++) {
        assertClose(
            Arrays.copyOfRange(sums, head * TOKENS, (head + 1) * TOKENS),
            received[head],
            SUM,
            "received by head %d",
            head);
      }
    }
  }

  @Test
  void hiddenKeysGetNothing_andAQueryThatSeesNoneGivesNothing() {
    Matrix keys = random(new Random(5), 1, 4).get(0);
    Matrix mask =
        Matrix.of(new float[] {0, -3e38f, 1, -3e38f}, new float[] {-3e38f, -3e38f, -3e38f, -3e38f});
    AttentionVisibility sight = new AttentionVisibility(layer(false, 0, 0), List.of(mask));

    List<Matrix> attention =
        TapAttention.of(random(new Random(6), 1, 2), new int[] {1, 2}, List.of(keys), sight);

    assertThat(attention.get(0).get(0, 1)).isZero();
    assertThat(attention.get(0).get(0, 3)).isZero();
    assertClose(
        attention.get(0).get(0, 0) + attention.get(0).get(0, 2), 1, WEIGHT, "sum of both weights");
    assertThat(attention.get(1).data()).containsOnly(0);
  }

  private static LayerInfo layer(boolean causal, int window, float softcap) {
    return new LayerInfo(
        0, "GroupQueryAttention", 4, 2, new AttentionLimits(causal, window, softcap), true);
  }

  private static List<Matrix> random(Random random, int heads, int rows) {
    return Stream.generate(
            () -> {
              float[] values = new float[rows * SIZE];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (2 * random.nextGaussian());
              }
              return new Matrix(rows, SIZE, values);
            })
        .limit(heads)
        .toList();
  }

  private static double[] softmax(
      Matrix queries, int row, int token, Matrix keys, LayerInfo layer) {
    double[] weights = new double[keys.rows()];
    double sum = 0;
    int first = layer.limits().window() == 0 ? 0 : Math.max(0, token + 1 - layer.limits().window());
    int end = layer.limits().causal() ? token + 1 : keys.rows();
    for (int t = first; t < end; t++) {
      double dot = 0;
      for (int c = 0; c < SIZE; c++) {
        dot += (double) queries.get(row, c) * keys.get(t, c);
      }
      double logit =
          layer.limits().softcap() == 0
              ? dot
              : layer.limits().softcap() * Math.tanh(dot / layer.limits().softcap());
      weights[t] = Math.exp(logit);
      sum += weights[t];
    }
    for (int t = 0; t < weights.length; t++) {
      weights[t] /= sum;
    }
    return weights;
  }
}
