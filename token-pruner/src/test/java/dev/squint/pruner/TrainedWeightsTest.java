package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainedWeightsTest {
  private static final TrainedWeights WEIGHTS =
      new TrainedWeights(
          Map.of(
              "layer2.bias", Matrix.of(new float[] {2}),
              "layer12.bias", Matrix.of(new float[] {12}),
              "coarsest", Matrix.of(new float[] {4}),
              "table", new Matrix(2, 2, new float[4])));

  @Test
  void aPointHasItsOwnWeightsAndThoseOfAll() {
    TrainedWeights second = WEIGHTS.at(Point.decoder(2));

    assertThat(second.number("bias")).isEqualTo(2);
    assertThat(second.number("coarsest")).isEqualTo(4);
    assertThat(second.points()).isEmpty();
    assertThat(WEIGHTS.points()).containsExactly(Point.decoder(2), Point.decoder(12));
  }

  @Test
  void whatIsMissingOrOfAnotherShapeIsRefused() {
    assertThatThrownBy(() -> WEIGHTS.at(Point.decoder(1)).number("bias"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the trained weights have no 'bias'; available are [coarsest, table]");
    assertThatThrownBy(() -> WEIGHTS.vector("table"))
        .hasMessageContaining("must be a vector but is Matrix[2 x 2]");
  }
}
