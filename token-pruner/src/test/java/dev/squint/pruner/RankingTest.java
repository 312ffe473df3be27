package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.testing.RandomTries;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {

  @Test
  void tiesGoToTheEarlierAndNaNComesLast() {
    float[] scores = {
      1, Float.NaN, 3, 3, Float.NEGATIVE_INFINITY, -0f, 0f, Float.POSITIVE_INFINITY
    };

    assertThat(Ranking.descending(scores)).containsExactly(7, 2, 3, 0, 5, 6, 4, 1);
    assertThat(Ranking.best(scores, 3)).containsExactly(7, 2, 3);
    assertThat(Ranking.top(scores, 4)).containsExactly(0, 2, 3, 7);
  }

  @Test
  void moreThanThereAre_areRefused() {
    assertThatThrownBy(() -> Ranking.top(new float[] {1, 2}, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the 3 best of 2 scores");
  }

  @Test
  void agreesWithAStableSort() {
    RandomTries.of(
        1000,
        draws -> {
          float[] scores = new float[draws.integer(0, 255)];
          for (int i = 0; i < scores.length; i++) {
            // Plus 0, since -0 and 0 are a tie for a ranking but not for a sort.
            scores[i] = draws.anyFloat() + 0f;
          }
          assertAgrees(scores);
        });
  }

  private static void assertAgrees(float[] scores) {
    Integer[] expected =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparing(i -> -scores[i]))
            .toArray(Integer[]::new);

    assertThat(Arrays.stream(Ranking.descending(scores)).boxed()).containsExactly(expected);
  }
}
