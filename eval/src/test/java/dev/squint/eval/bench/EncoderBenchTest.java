package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.bench.EncoderBench.Batch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EncoderBenchTest {

  private static final int[] LENGTHS = {16, 48, 16, 32, 16, 48, 16, 16};

  @Test
  void lengths_areAQuarterOnAverage() {
    int[] lengths = EncoderBench.lengths(64, 16);
    assertThat(IntStream.of(lengths)).hasSize(16).allMatch(rows -> rows % 16 == 0 && rows < 512);
    assertThat(IntStream.of(lengths).average().orElseThrow()).isBetween(190.0, 320.0);
  }

  @Test
  void grouped_sharesRunsOfOneLength() {
    assertThat(EncoderBench.grouped(LENGTHS))
        .containsExactlyInAnyOrder(
            new Batch(4, 16), new Batch(1, 16), new Batch(2, 48), new Batch(1, 32));
  }

  @Test
  void packed_addsUpRows() {
    assertThat(EncoderBench.packed(LENGTHS, 4))
        .containsExactly(new Batch(1, 112), new Batch(1, 96));
  }

  @Test
  void padded_takesTheLongestOfSimilarTiles() {
    assertThat(EncoderBench.padded(LENGTHS)).containsExactly(new Batch(4, 16), new Batch(4, 48));
  }
}
