package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
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

  @Property
  void agreesWithAStableSort(@ForAll float[] scores) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] += 0f;
    }
    Integer[] expected =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparing(i -> -scores[i]))
            .toArray(Integer[]::new);

    assertThat(Arrays.stream(Ranking.descending(scores)).boxed()).containsExactly(expected);
  }
}
